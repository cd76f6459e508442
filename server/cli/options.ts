/**
 * What the commands have in common: their options, checked, and the files they name, read. Everything wrong with what
 * the user gave is a UsageError with a message that says what to do (exit status 2).
 */
import { WHAT_IF_NAMES, type WhatIf, whatIfNamed } from '../../engine/check/what_ifs.js';
import { ARCHS, type ArchName } from '../../engine/program/arch.js';
import type { Memory } from '../../engine/rules/verdict.js';
import { actorNames, ownActors, pairNames } from '../actors/sources.js';
import {
	type AnalysisRequest,
	type Variant,
	workspaceAssumption,
} from '../ide/analysis/analysis.js';
import { primitiveSources } from '../lower/primitive_sources.js';
import { DISK, now } from '../reading/disk.js';
import { resolvedRoot } from '../reading/file.js';
import { readNamed } from '../reading/named.js';
import { archProfile } from '../tree/arch_profiles.js';
import { configuration, parseConfig, saidIn } from '../tree/configuration.js';
import type { KernelTree } from '../tree/kernel_tree.js';
import { isKnownSymbol } from '../tree/known_symbols.js';
import { findTreeRoot, isKernelTree, openTree, placeOf } from '../tree/workspace.js';
import type { DocumentRequest } from '../worker/worker_protocol.js';
import { neighbours } from './config_matrix.js';
import { actorsNear, conditionsOf } from './workspace_files.js';
import { complain } from './write.js';

export class UsageError extends Error {}

export type ReportFormat = 'text' | 'json' | 'sarif' | 'github';

export interface CommonOptions<Format extends string = ReportFormat> {
	readonly tree?: string;
	readonly as?: string;
	readonly arch: readonly string[];
	readonly config?: string;
	readonly set: readonly string[];
	/** Each configuration again with one symbol turned over; of the commands that take it. */
	readonly configMatrix?: true;
	readonly memory: Memory;
	readonly actor: readonly string[];
	/** The workspace's adversaries may act in the place of racewalk's. */
	readonly trustWorkspaceActors?: true;
	/** A .litmus file whose threads are the adversary. */
	readonly scenario?: string;
	readonly function: readonly string[];
	/** Protections to take away; of the commands that take them. */
	readonly whatIf?: readonly string[];
	readonly format: Format;
	readonly depth?: 'core' | 'all';
	/** What explored runs went through is printed, too. */
	readonly coverage?: boolean;
	readonly budget?: number;
	readonly color: 'auto' | 'never' | 'always';
}

/** States per scenario on the command line before it is inconclusive. */
const STATES_MAX = 2_000_000;

/** What is asked about one text under one configuration; an attached litmus test as it stands in its file. */
export type TextRequest = Omit<AnalysisRequest, 'attached'> &
	Pick<DocumentRequest, 'attached' | 'replacements'>;

/** One input file, read: a request per architecture. */
export interface Input {
	/** As shown: relative to the tree when there is one. */
	readonly path: string;
	/** Root of the tree, or null. */
	readonly tree: string | null;
	readonly text: string;
	readonly requests: readonly TextRequest[];
	/** What each request is about, in the same order. */
	readonly variants: readonly Variant[];
}

/** Those asked for, else that of the folder of arch/ that the file lies in; none: racewalk has no profile of it. */
export function archsOf(
	options: Pick<CommonOptions<string>, 'arch'>,
	path: string,
): readonly ArchName[] {
	if (options.arch.length === 0) {
		const folder = archFolderOf(path);
		if (folder === null) return ['x86_64'];
		return ARCHS.filter((arch) => archProfile(arch).folder === folder).slice(0, 1);
	}
	if (options.arch.includes('all')) return ARCHS;
	return options.arch.map((name) => {
		const known = ARCHS.find((arch) => arch === name);
		if (known === undefined) {
			throw new UsageError(`unknown arch '${name}'; known: ${ARCHS.join(', ')}, all`);
		}
		return known;
	});
}

/** `arch/s390/mm/gup.c` is compiled for s390 alone. */
function archFolderOf(path: string): string | null {
	return /^arch\/([^/]+)\//.exec(path)?.[1] ?? null;
}

/** Why a file is not checked at all; null: it is. */
export function unchecked({ path, requests }: Pick<Input, 'path' | 'requests'>): string | null {
	if (requests.length > 0) return null;
	return `no profile for arch/${archFolderOf(path) ?? ''}: not checked (known: ${ARCHS.join(', ')})`;
}

/** A UsageError where there is nothing to ask: racewalk has no profile of the file's architecture. */
export function requireProfile(input: Input): void {
	const why = unchecked(input);
	if (why !== null) throw new UsageError(`${input.path}: ${why}`);
}

export function assignments(
	options: Pick<CommonOptions<string>, 'set'>,
): ReadonlyMap<string, string> {
	const set = new Map<string, string>();
	for (const text of options.set) {
		const match = /^(CONFIG_\w{1,200})=(y|n|m|\d{1,20})$/.exec(text);
		if (match?.[1] === undefined || match[2] === undefined) {
			throw new UsageError(`--set takes CONFIG_NAME=y or CONFIG_NAME=n, not '${text}'`);
		}
		set.set(match[1], match[2]);
	}
	return set;
}

/** Text of a file that the user names, or a UsageError that says what is wrong with it. */
export function readSource(file: string): string {
	const read = readNamed(file);
	if (read.kind === 'text') return read.text;
	throw new UsageError(
		read.kind === 'problem' ? read.problem : `cannot read ${file}: no such file`,
	);
}

/** What a file that the user names is called in messages. */
export function shownName(file: string): string {
	return file === '-' ? 'standard input' : file;
}

/** Reads one file and works out everything its analysis depends on. */
export function readInput(file: string, options: CommonOptions<string>): Input {
	if (options.tree !== undefined) requireTree(options.tree);
	const text = readSource(file);
	requireCode(file, text);
	const place = placeOf(file, { tree: options.tree ?? null, as: options.as ?? null });
	const tree = place.tree === null ? null : openTree(place.tree);
	return inputOf({ path: place.path, text, tree, folder: place.tree }, options);
}

/** A text with its place, as options ask about it; `folder`: of the tree on disk, which may bring adversaries. */
export function inputOf(
	{
		path,
		text,
		tree,
		folder,
	}: Pick<AnalysisRequest, 'path' | 'text' | 'tree'> & { readonly folder: string | null },
	options: CommonOptions<string>,
): Input {
	const brought = actorsNear(folder, options);
	const sources = [...ownActors(), ...brought.sources];
	const known = actorNames(sources);
	const pairs = pairNames(sources);
	for (const actor of options.actor) {
		if (known.includes(actor) || pairs.includes(actor)) continue;
		throw new UsageError(
			`unknown actor '${actor}'; known: ${known.join(', ')}; two at once: ${pairs.join(', ')}`,
		);
	}
	const dotConfig = options.config === undefined ? null : dotConfigOf(options.config);
	const set = assignments(options);
	requireSymbols(set, { text, tree });
	const attached = attachedBy(options);
	const whatIf = whatIfsOf(options);
	const asked = archsOf(options, path).map(
		(arch): Variant => ({
			arch,
			changed: null,
			config: configuration({ arch, dotConfig, set }),
			said: saidIn({ dotConfig, set }),
		}),
	);
	const conditions = [
		...conditionsOf(options, folder),
		...brought.problems.map(workspaceAssumption),
	];
	const variants = options.configMatrix === true ? asked.flatMap(neighbours) : asked;
	const requests = variants.map(({ arch, config, said = [] }) => ({
		...{ path, text, tree, arch, config, said },
		actorSources: sources,
		replacements:
			options.trustWorkspaceActors === true ? ('trusted' as const) : ('untrusted' as const),
		conditions,
		actors: options.actor,
		memory: options.memory,
		functions: options.function,
		statesMax: STATES_MAX,
		...(options.depth === 'core' ? { depth: options.depth } : {}),
		...(whatIf.length === 0 ? {} : { whatIf }),
		...attached,
	}));
	return { path, tree: folder, text, requests, variants };
}

/** A patch's header and its first hunk. */
const PATCH = /^--- [^\r\n]{1,1000}\r?\n\+\+\+ [^\r\n]{1,1000}\r?\n@@ -\d/m;

/** The head of a litmus test, behind blanks. */
const LITMUS = /^\s*C[ \t]+[^\s;=(){}]{1,200}[ \t]*\r?\n/;

/** A UsageError for a text that is no C file at all. */
export function requireCode(file: string, text: string): void {
	const name = shownName(file);
	// what should have written to a pipe has failed
	if (text.trim() === '' && file === '-')
		throw new UsageError('standard input is empty: there is nothing to look at');
	if (text.trim() === '') complain(`${name} is empty: there is no walk in it`);
	if (PATCH.test(text)) throw new UsageError(`${name} is a patch: use racewalk review`);
	if (LITMUS.test(text)) throw new UsageError(`${name} is a litmus test: use racewalk litmus`);
}

/** The symbols of a kernel's .config, or a UsageError for a file that sets none. */
function dotConfigOf(file: string): ReadonlyMap<string, string> {
	const text = readSource(file);
	if (!/^(?:# )?CONFIG_\w/m.test(text))
		throw new UsageError(`${file} sets no CONFIG_ symbol: --config takes a kernel's .config`);
	return parseConfig(text);
}

function whatIfsOf(options: CommonOptions<string>): readonly WhatIf[] {
	const names = (options.whatIf ?? []).map((name) => {
		const known = whatIfNamed(name);
		if (known !== null) return known;
		throw new UsageError(`unknown what-if '${name}'; known: ${WHAT_IF_NAMES.join(', ')}`);
	});
	return [...new Set(names)];
}

/** The litmus test of `--scenario`, read by who explores with it. */
function attachedBy({
	scenario,
	memory,
	actor,
}: CommonOptions<string>): Pick<TextRequest, 'attached'> {
	if (scenario === undefined) return {};
	if (memory !== 'lkmm') throw new UsageError('--scenario needs --memory lkmm');
	if (actor.length > 0)
		throw new UsageError('--scenario brings its own adversary; leave out --actor');
	return { attached: { file: scenario, text: readSource(scenario) } };
}

/** Symbols of `--set` that nothing knows are mistyped. */
function requireSymbols(
	set: ReadonlyMap<string, string>,
	{ text, tree }: { readonly text: string; readonly tree: KernelTree | null },
): void {
	const texts = [text, ...primitiveSources().map((source) => source.text)];
	for (const symbol of set.keys()) {
		if (isKnownSymbol(symbol, { texts, tree })) continue;
		const where = tree === null ? 'the file' : 'the tree';
		throw new UsageError(`--set ${symbol}: ${where} knows no such symbol; check its spelling`);
	}
}

/** The kernel tree that was named, else the one that the current folder lies in; a UsageError where there is none. */
export function treeOrCurrent(named: string | undefined): string {
	if (named !== undefined) requireTree(named);
	const root = named ?? findTreeRoot(process.cwd());
	if (root !== null) return root;
	throw new UsageError('the current folder lies in no kernel tree: give --tree DIR');
}

/** A kernel tree, or a UsageError that says what is wrong with the folder. */
export function requireTree(folder: string): void {
	if (now(resolvedRoot(DISK, folder)) === null)
		throw new UsageError(`the tree ${folder} is not a folder that can be read`);
	if (!isKernelTree(folder))
		throw new UsageError(`the tree ${folder} is no kernel tree: it lacks mm/ or include/linux/`);
}
