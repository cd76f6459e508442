/**
 * A part of a check: every file under every configuration is a unit, and shard I of N is each N-th unit from the I-th on. Which unit is
 * whose rests on nothing but what was asked for, so that machines need not talk to each other.
 */
import { createHash } from 'node:crypto';
import { variantName } from '../ide/variants.js';
import { type CommonOptions, type Input, UsageError } from './options.js';

/** Shard `index` (from 1) of `of`. */
export interface Shard {
	readonly index: number;
	readonly of: number;
}

/** Parts of one check at most. */
const SHARDS_MAX = 10_000;

/** The shard that `I/N` names; null: it is no such words. */
export function shardIn(words: string): Shard | null {
	const [, index, of] = /^(\d{1,5})\/(\d{1,5})$/.exec(words) ?? [];
	const shard = { index: Number(index), of: Number(of) };
	return shard.index >= 1 && shard.index <= shard.of && shard.of <= SHARDS_MAX ? shard : null;
}

/** An input as far as it is a shard's: its place among all, and the places of its configurations. */
export interface ShardInput {
	readonly file: number;
	readonly places: readonly number[];
	readonly input: Input;
}

/** What of the inputs is a shard's. A file without any configuration, which is told as not checked, is one unit. */
export function shardOf(inputs: readonly Input[], { index, of }: Shard): readonly ShardInput[] {
	let unit = 0;
	const isOurs = (): boolean => unit++ % of === index - 1;
	return inputs.flatMap((input, file): readonly ShardInput[] => {
		const { requests, variants } = input;
		if (requests.length === 0) return isOurs() ? [{ file, places: [], input }] : [];
		const places = requests.flatMap((_, i) => (isOurs() ? [i] : []));
		if (places.length === 0) return [];
		const ours = <T>(all: readonly T[]): readonly T[] => all.filter((_, i) => places.includes(i));
		const own = { ...input, requests: ours(requests), variants: ours(variants) };
		return [{ file, places, input: own }];
	});
}

/** Configurations of each file, in their order. */
export function unitsOf(inputs: readonly Input[]): readonly number[] {
	return inputs.map(({ requests }) => requests.length);
}

/** The same for each shard of one check, and for no other: texts, configurations, and what else was asked. */
export function askedOf(inputs: readonly Input[], options: CommonOptions): string {
	const { memory, depth, actor, whatIf, function: functions, trustWorkspaceActors } = options;
	const files = inputs.map(({ path, text, variants, requests }) => ({
		...{ path, text, variants: variants.map(variantName) },
		configurations: variants.map(({ config, said }) => ({ config: [...config], said })),
		actors: requests[0]?.actorSources,
		attached: requests[0]?.attached,
	}));
	const asked = { files, memory, depth, actor, whatIf, functions, trustWorkspaceActors };
	return createHash('sha256').update(JSON.stringify(asked)).digest('hex');
}

/** A UsageError for what cannot be said of a part alone. */
export function requireWhole(options: {
	readonly baseline?: string;
	readonly shard?: Shard;
	readonly format: string;
}): void {
	if (options.shard === undefined) return;
	if (options.baseline !== undefined)
		throw new UsageError('--shard takes no --baseline: give it to racewalk merge');
	if (!['json', 'sarif'].includes(options.format))
		throw new UsageError('--shard needs --format json or sarif, which racewalk merge reads');
}
