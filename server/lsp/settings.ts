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
	/** A hover also tells what its answer rests on: values, writers, bounds, assumptions. */
	readonly hoverDetails: boolean;
	/** Words at the ends of lines: what is held, what can be stale. */
	readonly inlayHints: boolean;
	/** Reads coloured by what runs show of them. */
	readonly semanticTokens: boolean;
	/** Absolute path of a kernel tree, or null: found by walking up from the file. */
	readonly kernelTree: string | null;
	readonly rules: ReadonlyMap<Rule, RuleSetting>;
	/**
	 * Adversaries of a workspace may replace racewalk's own; asked only where the editor has no notion of trust. Absent: no.
	 */
	readonly trustWorkspaceActors?: true;
}

const BUDGET_DEFAULT = 20;
/** Seconds that may be set: those of package.json, which VS Code shows and holds nobody to. */
export const BUDGET_RANGE = { min: 0.1, max: 3600 } as const;

/** Decodes the value of section `racewalk`. */
export function decodeSettings(value: unknown): Settings {
	const section = record(value);
	const arch = ARCHS.find((name) => name === section['arch']);
	const actors = section['actors'];
	const tree = section['kernelTree'];
	return {
		enable: section['enable'] !== false,
		arch: arch ?? 'x86_64',
		actors: Array.isArray(actors) ? actors.filter((a) => typeof a === 'string') : [],
		budgetSeconds: decodeBudget(section['budgetSeconds']),
		guards: section['guards'] !== false,
		hoverDetails: section['hoverDetails'] === true,
		inlayHints: section['inlayHints'] === true,
		semanticTokens: section['semanticTokens'] === true,
		memory: section['memory'] === 'lkmm' ? 'lkmm' : 'sc',
		otherArchitectures: section['otherArchitectures'] !== false,
		kernelTree: typeof tree === 'string' && tree.startsWith('/') ? tree : null,
		rules: decodeRules(section['rules']),
		...(section['trustWorkspaceActors'] === true ? { trustWorkspaceActors: true } : {}),
	};
}

/** What is wrong with the settings that has to be told, in sentences: what was made of a value that is none. */
export function settingProblems(value: unknown): readonly string[] {
	const budget = record(value)['budgetSeconds'];
	if (budget === undefined || budget === null) return [];
	const taken = decodeBudget(budget);
	if (taken === budget) return [];
	const { min, max } = BUDGET_RANGE;
	return [`racewalk.budgetSeconds takes a number from ${min} to ${max}: ${taken} is used`];
}

function decodeBudget(value: unknown): number {
	if (typeof value !== 'number' || !(value > 0)) return BUDGET_DEFAULT;
	return Math.min(Math.max(value, BUDGET_RANGE.min), BUDGET_RANGE.max);
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
