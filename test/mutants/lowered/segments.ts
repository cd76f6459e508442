/**
 * Operators that move what belongs together: guards with what they do when they give up, statements, publications. A segment is
 * a shortest range of ops from the beginning of a source line to the end of one whose only ways out are its end, a goto
 * and a return; segments of a loop's body stand beside those around the loop.
 */
import type { Op, OpIndex } from '../../../engine/program/op.js';
import { type Change, lineOf, type Subject } from './mutant.js';

interface Segment {
	readonly from: number;
	/** Behind the last op. */
	readonly to: number;
}

/** How far a segment is carried towards the beginning. */
const DISTANCE_MAX = 12;

/** A segment and the one before it change places; what writes to memory is also carried further to the front. */
export function orderChanges(subject: Subject): readonly Change[] {
	return sequences(subject).flatMap((sequence) =>
		sequence.flatMap((segment, i) => {
			const before = sequence.slice(Math.max(0, i - DISTANCE_MAX), i).reverse();
			const far = publishes(subject, segment) ? before : before.slice(0, 1);
			return far.map((target, n): Change => {
				const range = {
					function: subject.index,
					from: segment.from as OpIndex,
					to: segment.to as OpIndex,
				};
				return {
					operator: n === 0 ? 'swap' : 'hoist',
					at: segment.from,
					edits: [{ kind: 'move', range, before: target.from as OpIndex }],
				};
			});
		}),
	);
}

function publishes({ fn }: Subject, { from, to }: Segment): boolean {
	return fn.ops.slice(from, to).some((op) => op.kind === 'store');
}

/** Segments that follow each other: of the whole function, and of each loop in it. */
export function sequences(subject: Subject): readonly (readonly Segment[])[] {
	const lists: Segment[][] = [];
	const open: Segment[] = [{ from: 0, to: subject.fn.ops.length }];
	for (let part = open.pop(); part !== undefined; part = open.pop()) {
		const list = partition(subject, part);
		if (list.length > 1) lists.push(list);
		for (const segment of list) {
			const back = loopEnd(subject, segment);
			if (back !== null) open.push({ from: segment.from, to: back });
		}
	}
	return lists;
}

function partition(subject: Subject, { from, to }: Segment): Segment[] {
	const list: Segment[] = [];
	for (let at = from; at < to; ) {
		const end = segmentEnd(subject, at, to);
		if (end === null) break;
		list.push({ from: at, to: end });
		at = end;
	}
	return list;
}

/** Smallest end of a segment that begins at an op; null when there is none before `limit`. */
function segmentEnd(subject: Subject, from: number, limit: number): number | null {
	for (let to = from + 1; to < limit; to++) {
		if (lineOf(subject, to) === lineOf(subject, to - 1)) continue;
		if (staysInside(subject, { from, to }) && !isEntered(subject, { from, to })) return to;
	}
	return null;
}

function staysInside({ fn }: Subject, { from, to }: Segment): boolean {
	const inside = (target: number): boolean => target >= from && target <= to;
	for (let i = from; i < to; i++) {
		const op = fn.ops[i] as Op;
		if (op.kind === 'branch' && !(inside(op.then) && inside(op.otherwise))) return false;
	}
	const last = fn.ops[to - 1] as Op;
	// the last op of a guard gives up, and somebody gets behind it
	if (last.kind !== 'jump' && last.kind !== 'return') return true;
	return fn.ops
		.slice(from, to)
		.some((op) => op.kind === 'branch' && (op.then === to || op.otherwise === to));
}

/** A jump from elsewhere lands in the middle. */
function isEntered({ fn }: Subject, { from, to }: Segment): boolean {
	return fn.ops.some((op, i) => {
		if (i >= from && i < to) return false;
		const targets =
			op.kind === 'jump' ? [op.target] : op.kind === 'branch' ? [op.then, op.otherwise] : [];
		return targets.some((t) => t > from && t < to);
	});
}

/** Where the body of a loop that begins with a segment ends: the op that goes back; null when it is no loop. */
function loopEnd({ fn }: Subject, { from, to }: Segment): number | null {
	for (let i = to - 1; i > from; i--) {
		const op = fn.ops[i] as Op;
		const back = op.kind === 'branch' && (op.then === from || op.otherwise === from);
		if (back) return i;
	}
	return null;
}
