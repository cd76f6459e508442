/**
 * The user's settings (`racewalk.*`), decoded: whatever is missing or malformed has its default.
 */
import { ARCHS, type ArchName } from '../../engine/program/arch.js';
import { type Memory, RULES, type Rule } from '../../engine/rules/verdict.js';
import type { RuleSetting } from '../ide/diagnostics.js';

export interface Settings {
	readonly enable: boolean;
	readonly arch: ArchName;
	readonly actors: readonly string[];
	readonly budgetSeconds: number;
	readonly memory: Memory;
	/** Work out in the background who needs each guard. */
	readonly guards: boolean;
	/** Check the text for the other architectures in the background. */
	readonly otherArchitectures: boolean;
	/** Absolute path of a kernel tree, or null: found by walking up from the file. */
	readonly kernelTree: string | null;
	readonly rules: ReadonlyMap<Rule, RuleSetting>;
}

const BUDGET_DEFAULT = 20;

/** Decodes the value of section `racewalk`. */
export function decodeSettings(value: unknown): Settings {
	const section = record(value);
	const arch = ARCHS.find((name) => name === section['arch']);
	const actors = section['actors'];
	const budget = section['budgetSeconds'];
	const tree = section['kernelTree'];
	return {
		enable: section['enable'] !== false,
		arch: arch ?? 'x86_64',
		actors: Array.isArray(actors) ? actors.filter((a) => typeof a === 'string') : [],
		budgetSeconds: typeof budget === 'number' && budget > 0 ? budget : BUDGET_DEFAULT,
		guards: section['guards'] !== false,
		memory: section['memory'] === 'lkmm' ? 'lkmm' : 'sc',
		otherArchitectures: section['otherArchitectures'] !== false,
		kernelTree: typeof tree === 'string' && tree.startsWith('/') ? tree : null,
		rules: decodeRules(section['rules']),
	};
}

function decodeRules(value: unknown): ReadonlyMap<Rule, RuleSetting> {
	const section = record(value);
	const settings = new Map<Rule, RuleSetting>();
	for (const rule of RULES) {
		const setting = section[rule];
		switch (setting) {
			case 'error':
			case 'warning':
			case 'information':
			case 'hint':
			case 'off':
				settings.set(rule, setting);
				break;
			default:
				break;
		}
	}
	return settings;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
