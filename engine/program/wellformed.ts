/**
 * Whether a program is one that a machine can run without asking: every index in range, jumps land, control does not
 * fall off the end, and a temporary is written somewhere if it is read.
 */
import type { Op, OpIndex, RegisterIndex } from './op.js';
import { type Program, type ProgramFunction, successors } from './program.js';
import { eachNamed, eachRead } from './reads.js';

/** What is wrong, one sentence each; empty when nothing is. */
export function problemsOf(program: Program): readonly string[] {
	const problems: string[] = [];
	const report = (f: ProgramFunction, at: number, what: string): void => {
		problems.push(`${f.name}, op ${at}: ${what}`);
	};
	for (const f of program.functions) {
		if (f.ops.length === 0) report(f, 0, 'a function without ops');
		if (program.sites[f.site] === undefined) report(f, 0, 'no such site');
		if (f.registerNames.length !== f.registers)
			report(f, 0, 'register names do not match registers');
		if (f.parameters.length > f.registers) report(f, 0, 'parameters without registers');
		for (const [at, op] of f.ops.entries()) checkOp(program, f, op, (what) => report(f, at, what));
		for (const [at, register] of undefinedReads(f))
			report(f, at, `r${register} is read and never written`);
	}
	for (const u of program.unsupported) {
		if (program.sites[u.site] === undefined)
			problems.push(`unsupported span without a site: ${u.reason}`);
	}
	for (const a of program.assumptions) {
		if (a.site !== null && program.sites[a.site] === undefined)
			problems.push(`assumption without a site: ${a.what}`);
	}
	return problems;
}

function checkOp(
	program: Program,
	f: ProgramFunction,
	op: Op,
	report: (what: string) => void,
): void {
	if (program.sites[op.site] === undefined) report('no such site');
	eachNamed(op, (register) => {
		if (register < 0 || register >= f.registers) report(`register ${register} is out of range`);
	});
	const at = f.ops.indexOf(op) as OpIndex;
	for (const next of successors(op, at)) {
		if (f.ops[next] === undefined) report(`control goes to ${next}, where nothing is`);
	}
	switch (op.kind) {
		case 'call': {
			const callee = program.functions[op.callee];
			if (callee === undefined) report(`calls function ${op.callee}, which is not there`);
			else if (callee.parameters.length !== op.arguments.length)
				report(`${callee.name} gets ${op.arguments.length} arguments`);
			break;
		}
		case 'field':
			if (program.fields[op.field] === undefined) report('no such field');
			break;
		case 'symbol':
			if (program.symbols[op.symbol] === undefined) report('no such symbol');
			break;
		case 'frame-address':
			if (f.slots[op.slot] === undefined) report('no such slot');
			break;
		default:
	}
}

/** Reads of temporaries that nothing in the function writes. */
function undefinedReads(f: ProgramFunction): readonly (readonly [number, RegisterIndex])[] {
	const written = new Set<number>(f.parameters.keys());
	for (const op of f.ops) if ('dst' in op && op.dst !== null) written.add(op.dst);
	const found: [number, RegisterIndex][] = [];
	for (const [at, op] of f.ops.entries()) {
		eachRead(op, (register) => {
			// a named one is a local of the source, which may well be uninitialised
			if (!written.has(register) && f.registerNames[register] === null) found.push([at, register]);
		});
	}
	return found;
}
