/**
 * Watches runs for what a claim says. A never-claim is broken by a run in which another CPU does the claimed thing while the
 * scope lasts and the walk has got hold of the subject; for it to be true, the scope must have been under attack, and the
 * thing must happen elsewhere at all: otherwise nothing was decided.
 *
 * Invariant: what a run is judged by is in cells (`cells.ts`); reports are keyed by what they say of the claim alone.
 */

import type { MachineEvent, Monitor } from '../../memory/thread/event.js';
import { ghost } from '../../mm/model/ghost.js';
import { frameOfPage, frameOfValue, LEVEL_SHIFT, PAGE_SIZE } from '../../mm/model/layout.js';
import { OWNER } from '../../mm/model/owner.js';
import type { MonitorView, Violation } from '../../mm/model/violation.js';
import { leafLevelOf, OBJECT_NAMES } from '../../mm/model/world.js';
import { FRAME } from '../../mm/model/world_spec.js';
import { outcomeOf } from '../../mm/monitor/outcome.js';
import { frameOfField, headOf, translate, type Watched, watch } from '../../mm/monitor/watch.js';
import type { FunctionIndex } from '../../program/op.js';
import { reachable } from '../../program/reach.js';
import { bitOf, CLAIM, haveInCommon, requireBits, withBits, withoutBits } from './cells.js';
import type { Claim, ClaimQuestion, ClaimScope } from './claim.js';
import { EVENT_WORDS, SCOPE_WORDS, STATE_WORDS, SUBJECT_WORDS } from './claim_words.js';
import { doneTo, entryBits, folioBits, gotHold, isLeafRead, used } from './subject.js';

type EventClaim = Claim & { readonly kind: 'event' };
type StateClaim = Claim & { readonly kind: 'state' };
type OrderClaim = Claim & { readonly kind: 'order' };

/**
 * `broken`: what the claim speaks of happened in its scope · `met`: its scope was under attack (a state: it held; an order:
 * a change was caught) · `elsewhere`: it happens outside of the scope · `waited`: it happened after the scope, in a run that
 * was attacked inside · `once`: broken, though the walk saw it hold when it re-checked · `fault`: a run the model has no values for.
 */
export type ClaimReport = 'broken' | 'met' | 'elsewhere' | 'waited' | 'once' | 'fault';

/** The monitor of one claim in one scenario. */
export function claimMonitor(question: ClaimQuestion, s: Watched): Monitor<Violation> {
	requireBits(FRAME.first + s.world.frames.length);
	requireBits(OBJECT_NAMES.length);
	const judge = judgeOf(question, s);
	return {
		frameAccesses: true,
		key: (v) => v.rule,
		onEvent(event: MachineEvent, view: MonitorView): void {
			watch(s, event, view);
			if (view.thread === 0 && event.kind === 'fault') tell(question, event, view, 'fault', '');
			judge(event, view);
		},
	};
}

type Judge = (event: MachineEvent, view: MonitorView) => void;

function judgeOf(question: ClaimQuestion, s: Watched): Judge {
	const { claim } = question;
	switch (claim.kind) {
		case 'event':
			return eventJudge(question, claim, s);
		case 'state':
			return stateJudge(question, claim, s);
		case 'order':
			return orderJudge(question, claim, s);
	}
}

function tell(
	question: ClaimQuestion,
	event: MachineEvent,
	view: MonitorView,
	report: ClaimReport,
	message: string,
): void {
	const { site } = event;
	view.report({ rule: report, message, function: question.function, site, related: [] });
}

function eventJudge(question: ClaimQuestion, claim: EventClaim, s: Watched): Judge {
	const known = (view: MonitorView): number => view.read(CLAIM.known);
	const say = (event: MachineEvent, view: MonitorView, report: ClaimReport, message = ''): void =>
		tell(question, event, view, report, message);
	function own(event: MachineEvent, view: MonitorView): void {
		followCalls(question.function, event, view);
		followRechecks(s, event, view);
		if (claim.scope === 'here') followHere(question, s, event, view);
		const kind = SECTION_OF[claim.scope];
		const isOver = kind !== undefined && !inSection(view, kind);
		if (isOver && known(view) !== 0) view.write(CLAIM.known, 0);
		const bits = isOver ? 0 : gotHold(claim, s, event);
		if (bits !== 0) set(view, CLAIM.known, withBits(known(view), bits));
		if (claim.scope !== 'use') return;
		if (haveInCommon(view.read(CLAIM.happened), used(claim, s, event)))
			say(event, view, 'broken', `the walk uses ${SUBJECT_WORDS[claim.subject]} after that`);
	}
	function others(event: MachineEvent, view: MonitorView): void {
		const alive = scopeBits(claim, s, view);
		if (alive !== 0) {
			set(view, CLAIM.attacked, 1);
			say(event, view, 'met');
		}
		const done = doneTo(claim, s, event, view);
		if (done === null) return;
		const subject = SUBJECT_WORDS[claim.subject];
		const message = `${subject} is ${EVENT_WORDS[done.event]} ${SCOPE_WORDS[claim.scope]}`;
		if (claim.scope === 'use') {
			set(view, CLAIM.happened, withBits(view.read(CLAIM.happened), done.bits));
			say(event, view, 'elsewhere');
			return;
		}
		if (haveInCommon(alive, done.bits)) {
			say(event, view, 'broken', message);
			return;
		}
		say(event, view, 'elsewhere');
		if (view.read(CLAIM.attacked) === 1) say(event, view, 'waited');
	}
	return (event, view) => (view.thread === 0 ? own(event, view) : others(event, view));
}

const SECTION_OF: Readonly<Partial<Record<ClaimScope, 'irq' | 'rcu' | 'preempt'>>> = {
	'interrupts-off': 'irq',
	rcu: 'rcu',
	'preemption-off': 'preempt',
};

/** With interrupts or preemption off a CPU is inside an RCU section too (kernel/rcu/tree.c since 5.0). */
function inSection(view: MonitorView, kind: 'irq' | 'rcu' | 'preempt'): boolean {
	const kinds =
		kind === 'rcu'
			? (['irq', 'rcu', 'preempt'] as const)
			: kind === 'irq'
				? (['irq'] as const)
				: (['irq', 'preempt'] as const);
	return kinds.some((k) => view.section(0, k) > 0);
}

/** Bits of the subjects for which the scope lasts now. */
function scopeBits(claim: EventClaim, s: Watched, view: MonitorView): number {
	const isFolio = claim.subject === 'folio' || claim.subject === 'mapping';
	const kind = SECTION_OF[claim.scope];
	const known = view.read(CLAIM.known);
	if (kind !== undefined) return inSection(view, kind) ? known : 0;
	switch (claim.scope) {
		case 'function':
			return view.read(CLAIM.depth) > 0 ? known : 0;
		case 'here':
			// what the walk gives back itself is no longer what the comment speaks of
			if (view.read(CLAIM.here) === 0) return 0;
			return isFolio
				? withoutBits(known, withoutBits(view.read(CLAIM.heldThere), heldBits(s, view)))
				: known;
		case 'reference':
			return isFolio ? heldBits(s, view) : heldBits(s, view) === 0 ? 0 : known;
		case 'recheck': {
			const bits = view.read(CLAIM.rechecked);
			return isFolio ? bits : bits === 0 ? 0 : known;
		}
		case 'before-reference':
			return isFolio ? withoutBits(known, heldBits(s, view)) : heldBits(s, view) === 0 ? known : 0;
		default:
			return known;
	}
}

/** Frames of the folios the walk holds references on. */
function heldBits(s: Watched, view: MonitorView): number {
	let bits = 0;
	for (const frame of s.world.frames) {
		if (view.read(ghost('held', frame)) > 0) bits = withBits(bits, folioBits(s, frame));
	}
	return bits;
}

function followCalls(fn: FunctionIndex, event: MachineEvent, view: MonitorView): void {
	if (event.kind === 'call' && event.function === fn)
		view.write(CLAIM.depth, view.read(CLAIM.depth) + 1);
	if (event.kind === 'return' && event.function === fn)
		view.write(CLAIM.depth, view.read(CLAIM.depth) - 1);
}

/**
 * A run is behind the comment once it has come to the first line below it, not when it jumped over that; a loop that goes round
 * comes before it again.
 */
function followHere(
	{ function: fn, line }: ClaimQuestion,
	s: Watched,
	event: MachineEvent,
	view: MonitorView,
): void {
	const ends = event.kind === 'return' && event.function === fn;
	if (line === null || ends) {
		set(view, CLAIM.here, !ends && view.read(CLAIM.depth) > 0 ? 1 : 0);
		return;
	}
	const frame = view.frames().find((f) => f.function === fn);
	const at = frame === undefined ? undefined : s.program.sites[frame.site]?.line;
	if (at === undefined) return;
	const was = view.read(CLAIM.here) === 1;
	if (at === line && !was) set(view, CLAIM.heldThere, heldBits(s, view));
	set(view, CLAIM.here, at === line || (was && at > line) ? 1 : 0);
}

/** Folios whose leaf entry was read, and maps them, while the walk holds a reference on them. */
function followRechecks(s: Watched, event: MachineEvent, view: MonitorView): void {
	const before = view.read(CLAIM.rechecked);
	if (event.kind === 'load' && isLeafRead(s, event.address, event.value)) {
		const frame = Math.floor(event.value / 4096);
		const head = s.world.groups.get(frame)?.[0] ?? frame;
		if (s.world.frames.includes(head) && view.read(ghost('held', head)) > 0)
			set(view, CLAIM.rechecked, withBits(before, folioBits(s, frame)));
	} else if (event.kind === 'rmw' && before !== 0) {
		const frame = frameOfField(s, event.address, '_refcount');
		if (frame !== null && view.read(ghost('held', frame)) <= 0)
			set(view, CLAIM.rechecked, withoutBits(before, folioBits(s, frame)));
	}
}

function set(view: MonitorView, cell: number, value: number): void {
	if (view.read(cell) !== value) view.write(cell, value);
}

function stateJudge(question: ClaimQuestion, claim: StateClaim, s: Watched): Judge {
	// the zero page is never freed: nobody needs a reference on it, and FOLL_PIN takes none (mm/gup.c)
	const isZero = s.world.spec.folios.some((f) => f.owner === OWNER.zero);
	if (isZero && claim.state !== 'interrupts-off') return () => {};
	const judge = (event: MachineEvent, view: MonitorView, frame: number | null): void => {
		const is = stateOf(claim, s, view, frame);
		if (is === null) return;
		if (is === claim.holds) {
			tell(question, event, view, 'met', '');
			return;
		}
		const words = STATE_WORDS[claim.state];
		const said = claim.holds ? words.not : words.so;
		tell(question, event, view, 'broken', said);
		const was = frame !== null && haveInCommon(view.read(CLAIM.rechecked), folioBits(s, frame));
		if (claim.state === 'still-mapped' && was) tell(question, event, view, 'once', said);
	};
	return (event, view) => {
		if (view.thread !== 0) return;
		if (claim.state === 'still-mapped') {
			followRechecks(s, event, view);
			// a call is part of the step before it: what others do between the two is seen at the access behind it
			const given = view.read(CLAIM.known);
			if (
				given !== 0 &&
				(event.kind === 'load' || event.kind === 'store' || event.kind === 'rmw')
			) {
				view.write(CLAIM.known, 0);
				judge(event, view, given - 1);
			}
		}
		if (!isThere(question, s, event, view)) return;
		// inside a function what a call is given need not be what the comment speaks of
		const frame = question.line === null ? givenFolio(s, event) : null;
		judge(event, view, frame);
		if (claim.state === 'still-mapped' && frame !== null) set(view, CLAIM.known, frame + 1);
	};
}

/** The event is the one at which the state is judged. */
function isThere(
	question: ClaimQuestion,
	s: Watched,
	event: MachineEvent,
	view: MonitorView,
): boolean {
	const { line } = question;
	if (line === null) return event.kind === 'call' && event.function === question.function;
	const frame = view.frames().find((f) => f.function === question.function);
	return frame !== undefined && s.program.sites[frame.site]?.line === line;
}

function stateOf(
	claim: StateClaim,
	s: Watched,
	view: MonitorView,
	frame: number | null,
): boolean | null {
	switch (claim.state) {
		case 'interrupts-off':
			return view.section(0, 'irq') > 0;
		case 'reference-held':
			return frame === null
				? heldBits(s, view) !== 0
				: view.read(ghost('held', headOf(s, view, frame))) > 0;
		case 'still-mapped': {
			if (frame === null) return null;
			const members = s.world.groups.get(frame) ?? [];
			return [...Array(s.world.spec.pages).keys()].some(
				(i) =>
					members.includes(leafFrame(s, view, i) ?? -1) ||
					members.includes(translate(s, view, i)?.frame ?? -1),
			);
		}
	}
}

/**
 * The frame that the leaf entry of a walked page names, whatever the entries above it are by now: khugepaged clears the PMD
 * first and the PTEs below it later (mm/khugepaged.c, collapse_huge_page()).
 */
function leafFrame(s: Watched, view: MonitorView, index: number): number | null {
	const at = s.world.leafEntries[index];
	if (at === undefined || !view.has(at)) return null;
	const entry = view.read(at);
	if (!isLeafRead(s, at, entry)) return null;
	const address = s.world.start + index * PAGE_SIZE;
	const size = 2 ** LEVEL_SHIFT[leafLevelOf(s.world.spec, index)];
	return frameOfValue(entry) + Math.floor((address % size) / PAGE_SIZE);
}

/** The folio or page a call is given. */
function givenFolio(s: Watched, event: MachineEvent): number | null {
	if (event.kind !== 'call') return null;
	for (const value of event.arguments) {
		const frame = frameOfPage(value);
		if (frame !== null && s.world.frames.includes(frame)) return frame;
	}
	return null;
}

function orderJudge(question: ClaimQuestion, claim: OrderClaim, s: Watched): Judge {
	const subject = { subject: claim.entry };
	const below = reachable(s.program, question.function);
	/** The comment's function hands out there, or the one that does calls it. */
	const isAbout = (fn: FunctionIndex): boolean =>
		below.has(fn) || reachable(s.program, fn).has(question.function);
	const isJudged =
		s.world.spec.level === 'pte' || (claim.entry === 'pmd' && s.world.spec.level === 'pmd');
	const all = s.world.leafEntries.map((_, i) => bitOf(i));
	const open = (view: MonitorView): number =>
		all.reduce((bits, bit, i) => {
			if (i >= s.world.spec.pages) return bits;
			return view.read(ghost('countedSite', i)) === 0 ? bits + bit : bits;
		}, 0);
	return (event, view) => {
		if (view.thread !== 0 || !isJudged) return;
		const before = view.read(CLAIM.ordered);
		const bits = event.kind === 'load' ? entryBits(subject, s, event.address) : 0;
		if (bits !== 0 && heldBits(s, view) !== 0) {
			set(view, CLAIM.ordered, withBits(before, bits));
			if (sawChange(s, event, view)) tell(question, event, view, 'met', '');
		} else if (event.kind === 'rmw' && event.stored && event.value > event.old) {
			const counts =
				frameOfField(s, event.address, '_refcount') ?? frameOfField(s, event.address, '_pincount');
			if (counts !== null) set(view, CLAIM.ordered, withoutBits(before, open(view)));
		}
		if (event.kind !== 'return' || event.function !== s.root) return;
		for (const page of outcomeOf(s, view, event.site, event.value).handed) {
			if (!page.referenced || page.owner === OWNER.zero || !isAbout(page.place.function)) continue;
			// what stands at another page's place is misplaced-page's business
			if (page.misplaced !== null || page.absent) continue;
			// the walk found it mapped by a leaf higher up
			const isByLeaf = claim.entry === 'pte' && view.read(ghost('fetched', page.index)) === 0;
			if (isByLeaf) continue;
			const isOrdered = haveInCommon(view.read(CLAIM.ordered), bitOf(page.index));
			const words = `pages[${page.index}] was returned, but the ${claim.entry.toUpperCase()} was not read again after the last reference on its folio was taken`;
			tell(question, event, view, isOrdered ? 'elsewhere' : 'broken', isOrdered ? '' : words);
		}
	};
}

/** An entry read again is not what was read first. */
function sawChange(s: Watched, event: MachineEvent, view: MonitorView): boolean {
	if (event.kind !== 'load') return false;
	const index = s.world.leafEntries.indexOf(event.address);
	if (index < 0 || index >= s.world.spec.pages) return event.value === 0;
	return view.read(ghost('fetched', index)) !== event.value + 1;
}
