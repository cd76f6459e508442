/**
 * Reports of KCSAN, KASAN and lockdep, and of WARN() and BUG(), out of a kernel's log: line by line, whatever stands between.
 *
 * It leaves out what the kernel marks as unsure (`? f+0x1/0x2`), and the sanitizers' own frames.
 *
 * Invariant: nothing is guessed: a line that is of no known form says nothing.
 * Invariant: work grows with the text; a report has a bounded number of stacks and frames.
 */
import { bareLine, framesOf } from './frame.js';
import type { KernelReport, ReportFrame, ReportKind, ReportStack } from './report.js';
import type { SymbolMap } from './symbol_map.js';

const REPORTS_MAX = 20;
const STACKS_MAX = 40;
const FRAMES_MAX = 100;
/** Lines after its first that a report may have. */
const LINES_MAX = 600;

/** Frames of who made the report, by their names' beginnings. */
const MACHINERY: readonly string[] = [
	...['dump_stack', 'show_stack', '__dump_stack', 'print_report', 'print_address_description'],
	...[
		'kasan_',
		'__kasan_',
		'__asan_',
		'kcsan_',
		'__tsan_',
		'check_access',
		'lockdep_',
		'lock_acquire',
	],
	...[
		'__lock_acquire',
		'check_noncircular',
		'check_prev_add',
		'print_circular_bug',
		'validate_chain',
	],
	...[
		'__warn',
		'report_bug',
		'handle_bug',
		'exc_invalid_op',
		'asm_exc_invalid_op',
		'__might_resched',
	],
	...[
		'__might_sleep',
		'save_stack',
		'stack_trace_save',
		'instrument_',
		'kmsan_',
		'print_unlock_imbalance',
	],
];

/** Begins a report: its kind, its sort and where it is. */
interface Head {
	readonly kind: ReportKind;
	readonly sort: string;
	readonly at: KernelReport['at'];
	/** A stack that its own line begins. */
	readonly stack: Omit<ReportStack, 'frames'> | null;
	readonly frames: readonly ReportFrame[];
}

/** The reports of a text. */
export function kernelReports(text: string, map: SymbolMap | null): readonly KernelReport[] {
	const lines = text.split('\n').map(bareLine);
	const reports: KernelReport[] = [];
	for (let at = 0; at < lines.length && reports.length < REPORTS_MAX; ) {
		const head = headOf(lines[at] ?? '', map);
		if (head === null) {
			at++;
			continue;
		}
		let end = at + 1;
		while (end < lines.length && end - at < LINES_MAX && headOf(lines[end] ?? '', map) === null)
			end++;
		reports.push(reportOf(head, lines.slice(at, end), { line: at + 1, map }));
		at = end;
	}
	return reports;
}

function headOf(line: string, map: SymbolMap | null): Head | null {
	const none = { at: null, stack: null, frames: [] };
	if (line.startsWith('BUG: KCSAN: ')) return { kind: 'kcsan', sort: 'data-race', ...none };
	const kasan = /^BUG: KASAN: ([\w-]{1,60}) in /.exec(line)?.[1];
	if (kasan !== undefined) {
		const stack = { what: 'use', access: null, marked: null };
		return { ...none, kind: 'kasan', sort: kasan, stack };
	}
	for (const [words, sort] of LOCKDEP)
		if (line.includes(words)) return { ...none, kind: 'lockdep', sort };
	const sleeping =
		/^BUG: sleeping function called from invalid context at ([\w./+-]{1,400}):(\d{1,7})/.exec(line);
	if (sleeping !== null) {
		const at = { path: sleeping[1] ?? '', line: Number(sleeping[2]) };
		const stack = { what: 'may sleep', access: null, marked: null };
		return { ...none, kind: 'lockdep', sort: 'sleeping in atomic context', at, stack };
	}
	return warnHead(line, map);
}

const LOCKDEP: readonly (readonly [string, string])[] = [
	['WARNING: possible circular locking dependency detected', 'circular locking'],
	['WARNING: possible recursive locking detected', 'recursive locking'],
	['WARNING: possible irq lock inversion dependency detected', 'irq lock inversion'],
	['WARNING: inconsistent lock state', 'inconsistent lock state'],
	['WARNING: suspicious RCU usage', 'suspicious RCU usage'],
	['WARNING: bad unlock balance detected', 'bad unlock balance'],
	['WARNING: lock held when returning to user space', 'lock held at return'],
	['BUG: Invalid wait context', 'invalid wait context'],
];

/** `WARNING: CPU: 1 PID: 2 at mm/gup.c:2988 f+0x1/0x2`, `WARNING: mm/gup.c:2988 at f+0x1/0x2, CPU#1: …`, `kernel BUG at mm/gup.c:9!` */
function warnHead(line: string, map: SymbolMap | null): Head | null {
	const isBug = line.startsWith('kernel BUG at ');
	if (!isBug && !line.startsWith('WARNING: ')) return null;
	const words = line.replace(/[,!]/g, ' ').split(/\s+/);
	const place = words
		.map((word) => /^([\w./+-]{1,400}):(\d{1,7})$/.exec(word))
		.find((found) => found?.[1]?.includes('/') === true);
	if (place == null) return null;
	const at = { path: place[1] ?? '', line: Number(place[2]) };
	const symbol = words.find((word) => word.includes('+0x')) ?? '';
	const [frame] = framesOf(symbol, map);
	const own = { function: frame?.function ?? null, path: at.path, line: at.line };
	const stack = { what: isBug ? 'BUG' : 'warns', access: null, marked: null };
	return { kind: 'warn', sort: isBug ? 'BUG' : 'WARN', at, stack, frames: [own] };
}

/** A line that begins a stack of its own. */
function stackHead(kind: ReportKind, line: string): Omit<ReportStack, 'frames'> | null {
	const nothing = { access: null, marked: null };
	if (kind === 'kcsan') {
		const unknown = line.startsWith('race at unknown origin, with ');
		const said = unknown ? line.slice('race at unknown origin, with '.length) : line;
		const match =
			/^(read-write|read|write|assert no accesses|assert no writes)( \([a-z, ]{1,40}\))? to 0x[0-9a-f]{1,16} of \d{1,9} bytes by /.exec(
				said,
			);
		if (match?.[1] === undefined) return null;
		const access = match[1] === 'read' || match[1].startsWith('assert') ? 'read' : 'write';
		return { what: match[1], access, marked: match[2]?.includes('marked') === true };
	}
	if (kind === 'kasan') {
		if (line.startsWith('Freed by task')) return { what: 'free', access: 'free', marked: null };
		if (/^page last free /.test(line)) return { what: 'free', access: 'free', marked: null };
		if (/^(?:Last|Second to last) potentially related work creation:/.test(line))
			return { what: 'queues the free', access: 'free', marked: null };
		if (line.startsWith('Allocated by task') || line.startsWith('page last allocated'))
			return { what: 'allocates', ...nothing };
		const use = /^(Read|Write|Free) of (?:size \d{1,9} at )?addr /.exec(line)?.[1];
		if (use === 'Free') return { what: 'free', access: 'free', marked: null };
		if (use !== undefined)
			return { what: 'use', access: use === 'Read' ? 'read' : 'write', marked: null };
		return null;
	}
	if (kind === 'lockdep') {
		const link = /^-> #\d{1,4} (\([^)]{1,200}\))/.exec(line)?.[1];
		if (link !== undefined) return { what: `takes ${link}`, ...nothing };
		if (line.startsWith('stack backtrace:')) return { what: 'reports', ...nothing };
	}
	return null;
}

function reportOf(
	head: Head,
	lines: readonly string[],
	{ line, map }: { readonly line: number; readonly map: SymbolMap | null },
): KernelReport {
	const stacks: { head: Omit<ReportStack, 'frames'>; frames: ReportFrame[] }[] = [];
	if (head.stack !== null) stacks.push({ head: head.stack, frames: [...head.frames] });
	let [cache, at]: [string | null, KernelReport['at']] = [null, head.at];
	for (const text of lines.slice(1)) {
		const begins = stackHead(head.kind, text.trim());
		if (begins !== null && stacks.length < STACKS_MAX) {
			const [first] = stacks;
			// KASAN says what the use is below its first line
			if (begins.what === 'use' && first?.head.what === 'use') first.head = begins;
			else stacks.push({ head: begins, frames: [] });
			continue;
		}
		const named = /which belongs to the cache ([\w.-]{1,100}) of size/.exec(text)?.[1];
		if (named !== undefined) cache = named;
		const rcu = /^([\w./+-]{1,400}):(\d{1,7}) suspicious rcu_/.exec(text.trim());
		if (rcu !== null) at = { path: rcu[1] ?? '', line: Number(rcu[2]) };
		const last = stacks.at(-1);
		if (
			last === undefined ||
			last.frames.length >= FRAMES_MAX ||
			/^\s*(?:RIP|Code|CPU):/.test(text)
		)
			continue;
		last.frames.push(...framesOf(text, map).filter((f) => !isMachinery(f)));
	}
	const told = stacks.map(({ head: { what, access, marked }, frames }) => ({
		what,
		access,
		marked,
		frames: once(frames),
	}));
	return { kind: head.kind, line, title: lines[0] ?? '', sort: head.sort, at, cache, stacks: told };
}

function isMachinery({ function: name }: ReportFrame): boolean {
	return name !== null && MACHINERY.some((known) => name.startsWith(known));
}

/** A WARN names its function in its first line and again in its stack. */
function once(frames: readonly ReportFrame[]): readonly ReportFrame[] {
	return frames.filter((frame, i) => {
		const before = frames[i - 1];
		if (before === undefined || before.function !== frame.function) return true;
		return before.line !== frame.line && before.line !== null && frame.line !== null;
	});
}
