/**
 * Thread 0 of a reader's scenario: calls the reader as its callers do and gives back what it handed out.
 */
import { pageAddress } from '../../mm/model/layout.js';
import { readerGhost } from '../../mm/model/reader_ghost.js';
import { LRU_LOCK, type ReaderWorld } from '../../mm/model/reader_world.js';
import type { FunctionIndex } from '../../program/op.js';
import type { Program, ProgramFunction } from '../../program/program.js';
import { Body, constant, reg, withHarness } from './harness_body.js';
import { type ReaderCalling, readerArguments } from './reader_calling.js';

/** Thread 0 of a reader's scenario: calls it and gives back what it handed out. */
export function readerHarness(
	program: Program,
	root: FunctionIndex,
	{ world, calling }: { readonly world: ReaderWorld; readonly calling: ReaderCalling },
): { readonly program: Program; readonly entry: FunctionIndex } {
	const fn = program.functions[root] as ProgramFunction;
	const b = new Body(fn.site);
	if (calling.rcu) b.op({ kind: 'section', dst: null, section: 'rcu', delta: 1 });
	if (calling.lru) onLru(b, world);
	const values = readerArguments(b, { program, root, world });
	const calledWith = constant(readerGhost('calledWith', 0));
	b.op({ kind: 'store', address: calledWith, value: b.chosen(), order: 'once' });
	const result = b.register();
	b.op({ kind: 'call', dst: result, callee: root, arguments: values });
	b.op({ kind: 'intrinsic', dst: null, name: 'reader_release', arguments: [] });
	if (calling.rcu) b.op({ kind: 'section', dst: null, section: 'rcu', delta: -1 });
	if (calling.lru) {
		b.op({ kind: 'intrinsic', dst: null, name: 'unlock', arguments: [constant(LRU_LOCK)] });
		b.op({ kind: 'section', dst: null, section: 'irq', delta: -1 });
	}
	b.op({ kind: 'return', value: reg(result) });
	return withHarness(program, b);
}

/** mm/vmscan.c, evict_folios(), shrink_inactive_list(): the folio is found on the LRU, under its lock. */
function onLru(b: Body, world: ReaderWorld): void {
	b.op({ kind: 'section', dst: null, section: 'irq', delta: 1 });
	b.op({ kind: 'intrinsic', dst: null, name: 'lock', arguments: [constant(LRU_LOCK)] });
	const flag = world.at(pageAddress(world.victim), 'page', 'PG_lru');
	if (flag !== null) b.assume(b.load(constant(flag)));
}
