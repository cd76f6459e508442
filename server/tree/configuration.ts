/**
 * The kernel configuration an analysis runs under: the user's `.config` or else
 * the architecture's profile, then `--set`.
 */
import type { ArchName } from '../../engine/program/arch.js';
import { archProfile } from './arch_profiles.js';

/** CONFIG_ symbols of a `.config`; `# CONFIG_X is not set` gives `n`. */
export function parseConfig(text: string): ReadonlyMap<string, string> {
	const symbols = new Map<string, string>();
	for (const line of text.split(/\r?\n/)) {
		const set = /^(CONFIG_\w+)=(.*)$/.exec(line);
		if (set?.[1] !== undefined) symbols.set(set[1], set[2] ?? 'y');
		const unset = /^# (CONFIG_\w+) is not set$/.exec(line);
		if (unset?.[1] !== undefined) symbols.set(unset[1], 'n');
	}
	return symbols;
}

export function configuration(options: {
	readonly arch: ArchName;
	readonly dotConfig: ReadonlyMap<string, string> | null;
	readonly set: ReadonlyMap<string, string>;
}): ReadonlyMap<string, string> {
	const merged = new Map(options.dotConfig ?? archProfile(options.arch).config);
	for (const [name, value] of options.set) merged.set(name, value);
	for (const [name, value] of [...merged]) if (value === 'n') merged.delete(name);
	return merged;
}
