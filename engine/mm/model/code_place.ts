/** Where in a program something happened, as the monitor keeps it. */
import type { FunctionIndex, SiteIndex } from '../../program/op.js';

export interface CodePlace {
	readonly function: FunctionIndex;
	readonly site: SiteIndex;
}
