/** Where the run of a file's directives has come to: data that a later run goes on from. */
import type { After } from './active_text.js';
import type { Asked } from './asked_headers.js';
import type { Macro } from './definition.js';
import type { Ending } from './header_items.js';
import type { Directive } from './logical_lines.js';
import type { MacroHistory } from './macro.js';
import type { Packing } from './pragma.js';
import type { Remarked } from './remarks.js';

/** One `#if` … `#endif` under evaluation. */
export interface Conditional {
	/** Whether the lines around it are active. */
	readonly outer: boolean;
	readonly offset: number;
	taken: boolean;
	active: boolean;
	else: boolean;
	/** It has directives in it that define, or include what may. */
	defines: boolean;
	/** Why its condition could not be read. */
	doubt: string | null;
}

export interface Base {
	readonly texts: ReadonlyMap<string, string>;
	readonly asked: readonly Asked[];
	readonly history: MacroHistory;
	readonly state: Progress;
}

/** Where the run of a file's directives has come to. */
export interface Progress {
	readonly after: readonly After[];
	readonly stack: readonly Conditional[];
	readonly unbalanced: boolean;
	readonly remarked: Remarked;
	readonly includes: readonly { readonly path: string; readonly quoted: boolean }[];
	readonly own: ReadonlyMap<string, Macro>;
	readonly ownTimes: ReadonlyMap<string, number>;
	readonly files: readonly string[];
	readonly pushed: ReadonlyMap<string, readonly (Macro | null)[]>;
	readonly packing: Packing;
	/** Headers as they were read, each time. */
	readonly headers: readonly {
		readonly path: string;
		readonly ending: Ending;
		readonly directives: readonly Directive[];
		readonly after: readonly After[];
		/** Number of the last directive before it. */
		readonly entered: number;
		/** Where the file's own directive stands that led to it. */
		readonly behind: number;
	}[];
	readonly made: ReadonlyMap<string, RegExp>;
	readonly start: number;
}
