/** Builder of the small generated function that calls the walk in a scenario: its ops, all at one site. */
import type {
	FunctionIndex,
	IntegerType,
	Op,
	Operand,
	RegisterIndex,
	SiteIndex,
} from '../../program/op.js';
import type { Program, ProgramFunction } from '../../program/program.js';

const U64: IntegerType = { bits: 64, signed: false };

type Bare<T> = T extends unknown ? Omit<T, 'site'> : never;

export class Body {
	readonly ops: Op[] = [];
	registers = 1;
	/** The choices made so far, each with how many there are. */
	readonly choices: { readonly dst: RegisterIndex; readonly alternatives: number }[] = [];
	readonly site: SiteIndex;

	constructor(site: SiteIndex) {
		this.site = site;
	}

	register(): RegisterIndex {
		return this.registers++ as RegisterIndex;
	}

	op(op: Bare<Op>): void {
		this.ops.push({ ...op, site: this.site } as Op);
	}

	load(address: Operand): RegisterIndex {
		const dst = this.register();
		this.op({ kind: 'load', dst, address, order: 'once' });
		return dst;
	}

	binary(operator: '&' | '==' | '+' | '*' | '>>', left: Operand, right: Operand): RegisterIndex {
		const dst = this.register();
		this.op({ kind: 'binary', dst, operator, left, right, type: U64 });
		return dst;
	}

	/** 0 … alternatives - 1. */
	choose(alternatives: number): RegisterIndex {
		const dst = this.register();
		this.op({ kind: 'choose', dst, alternatives });
		this.choices.push({ dst, alternatives });
		return dst;
	}

	/** Number of the choices made so far, among all that could have been made. */
	chosen(): Operand {
		let radix = 1;
		return this.choices.reduce<Operand>((sum, { dst, alternatives }) => {
			const part = reg(this.binary('*', reg(dst), constant(radix)));
			radix *= alternatives;
			return sum.kind === 'constant' ? part : reg(this.binary('+', sum, part));
		}, constant(0));
	}

	/** One of several numbers. */
	oneOf(values: readonly number[]): Operand {
		const [only = 0] = values;
		if (values.length < 2) return constant(only);
		const which = this.choose(values.length);
		return values.reduce<Operand>((sum, value, i) => {
			if (value === 0) return sum;
			const is = this.binary('==', reg(which), constant(i));
			const part = reg(this.binary('*', reg(is), constant(value)));
			return sum.kind === 'constant' ? part : reg(this.binary('+', sum, part));
		}, constant(0));
	}

	assume(condition: RegisterIndex): void {
		this.op({ kind: 'assume', condition: reg(condition) });
	}
}

export function reg(register: RegisterIndex): Operand {
	return { kind: 'register', register };
}

export function constant(value: number): Operand {
	return { kind: 'constant', value };
}

/** The program with what the body holds as one more function, and that function: it is given the FOLL_ flags. */
export function withHarness(
	program: Program,
	body: Body,
): { readonly program: Program; readonly entry: FunctionIndex } {
	const added: ProgramFunction = {
		name: '__rw_harness',
		path: 'racewalk:harness',
		site: body.site,
		parameters: [{ name: 'flags', type: 'unsigned int' }],
		registers: body.registers,
		registerNames: Array.from({ length: body.registers }, () => null),
		slots: [],
		ops: body.ops,
		origin: 'primitive',
	};
	return {
		program: { ...program, functions: [...program.functions, added] },
		entry: program.functions.length as FunctionIndex,
	};
}
