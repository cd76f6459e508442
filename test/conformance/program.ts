/**
 * Random C programs without undefined behaviour: functions over integers of all widths, bit-fields, structs by value, unions,
 * arrays, pointers, loops, gotos, switches, macros. Each is a function `f_N` of three numbers that gives a number.
 *
 * What keeps them defined: signed numbers wrap (-fwrapv), shift counts and indices are masked, divisors are positive, every local is
 * set where it is declared, loops have a counter of their own, and no two side effects stand in one expression unsequenced.
 */
import { Choices } from './choices.js';
import { type Aggregate, Expressions, type Member, type Variable } from './expressions.js';

export interface RandomProgram {
	/** Name of the function that is called. */
	readonly name: string;
	/** Everything that belongs to it; names end in its number, so that many stand in one file. */
	readonly text: string;
	readonly calls: readonly (readonly number[])[];
}

/** What every program may use. */
export const prelude = `
typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32; typedef unsigned long long u64;
typedef signed char s8; typedef short s16; typedef int s32; typedef long long s64;
`;

/** The program of a seed. */
export function randomProgram(seed: number): RandomProgram {
	return new Writer(seed).program();
}

class Writer extends Expressions {
	private readonly seed: number;
	private readonly top: string[] = [];
	private readonly helpers: { readonly name: string; readonly parameters: number }[] = [];
	private readonly structHelpers: { readonly name: string; readonly of: Aggregate }[] = [];
	private counter = 0;
	private labels = 0;

	constructor(seed: number) {
		super(new Choices(seed));
		this.seed = seed;
	}

	program(): RandomProgram {
		const { c } = this;
		for (let i = c.below(3); i > 0; i--) this.aggregate();
		for (let i = c.below(3); i > 0; i--) this.macro();
		if (c.chance(30)) this.enumeration();
		for (let i = c.below(3); i > 0; i--) this.helper();
		if (this.aggregates.length > 0 && c.chance(40)) this.structHelper();
		const name = `f_${this.seed}`;
		this.variables = [
			{ text: 'a', type: 'int', addressable: true },
			{ text: 'b', type: 'unsigned int', addressable: true },
			{ text: 'c', type: 'long', addressable: true },
		];
		const body = [...this.declarations(), ...this.statements(3, 2 + c.below(6))];
		const sum = this.variables.map((v) => `\th = h * 31 + ${this.digest(v)};`);
		const text = [
			...this.top,
			`unsigned int ${name}(int a, unsigned int b, long c)`,
			'{',
			'\tunsigned int h = 7;',
			...body.map((line) => `\t${line}`),
			...sum,
			'\treturn h;',
			'}',
		].join('\n');
		const number = (): number =>
			c.of([0, 1, 2, 7, 100, 255, 256, 65_535, 70_000, 0x7fff_ffff, c.below(1000)]);
		const calls = Array.from({ length: 3 }, () => [
			c.chance(30) ? -number() : number(),
			number(),
			c.chance(30) ? -number() : number(),
		]);
		return { name, text, calls };
	}

	private fresh(letter: string): string {
		return `${letter}${this.counter++}`;
	}

	private digest({ text, type }: Variable): string {
		return /64|long/.test(type)
			? `((u32)(${text}) ^ (u32)((s64)(${text}) >> 20))`
			: `(u32)(${text})`;
	}

	// Declarations at the top.

	private aggregate(): void {
		const { c } = this;
		const keyword = c.chance(30) ? 'union' : 'struct';
		const tag = `${this.fresh('t')}_${this.seed}`;
		const members = c.some({ least: 1, most: 4 }, (i): Member => {
			const isBits = keyword === 'struct' && c.chance(20);
			if (isBits) {
				const type = c.of(['unsigned int', 'int', 'u8', 'u16', '_Bool']);
				const most = type === '_Bool' ? 1 : type === 'u8' ? 8 : type === 'u16' ? 16 : 32;
				return { name: `m${i}`, type, bits: 1 + c.below(most), length: null };
			}
			return {
				name: `m${i}`,
				type: keyword === 'union' ? this.number() : this.scalar(),
				bits: null,
				length: c.chance(20) ? c.of([2, 4]) : null,
			};
		});
		const older = keyword === 'struct' && c.chance(25) ? this.aggregates[0] : undefined;
		const inner = older === undefined ? null : { name: c.chance(50) ? 'n' : '', of: older };
		const named = inner === null || inner.name !== '' ? inner : null;
		const written = members.map((m) => {
			const bits = m.bits === null ? '' : ` : ${m.bits}`;
			return `\t${m.type} ${m.name}${m.length === null ? '' : `[${m.length}]`}${bits};`;
		});
		if (named !== null) written.push(`\t${named.of.keyword} ${named.of.tag} ${named.name};`);
		if (c.chance(20)) written.push(`\tunion { ${this.number()} x; ${this.number()} y; };`);
		const extra = written.at(-1)?.startsWith('\tunion {') === true;
		this.top.push(`${keyword} ${tag} {\n${written.join('\n')}\n};`);
		const own = extra
			? [...members, { name: 'x', type: 'u32', bits: null, length: null }]
			: members;
		const typed = extra
			? own.map((m) =>
					m.name === 'x'
						? { ...m, type: /union \{ (.*?) x;/.exec(written.at(-1) ?? '')?.[1] ?? 'u32' }
						: m,
				)
			: own;
		this.aggregates.push({ tag, keyword, members: typed, inner: named });
	}

	private macro(): void {
		const { c } = this;
		const name = `M${this.counter++}_${this.seed}`;
		const parameters = c.below(3);
		const names = ['x', 'y'].slice(0, parameters);
		const outer = this.variables;
		this.variables = names.map((n) => ({ text: `(${n})`, type: 'int', addressable: false }));
		this.top.push(
			parameters === 0
				? `#define ${name} (${this.expression(1)})`
				: `#define ${name}(${names.join(', ')}) (${this.expression(2)})`,
		);
		this.variables = outer;
		this.macros.push({ name, parameters });
	}

	private enumeration(): void {
		const { c } = this;
		const [one, two] = [this.fresh('E'), this.fresh('E')];
		const first = c.chance(30) ? `-${c.below(5)}` : String(c.below(300));
		this.top.push(`enum e_${this.seed} { ${one}_${this.seed} = ${first}, ${two}_${this.seed} };`);
		this.macros.push({ name: `${one}_${this.seed}`, parameters: 0 });
		this.macros.push({ name: `${two}_${this.seed}`, parameters: 0 });
	}

	private helper(): void {
		const { c } = this;
		const name = `h${this.counter++}_${this.seed}`;
		const types = c.some({ least: 1, most: 3 }, () => this.scalar());
		const outer = this.variables;
		this.variables = types.map((type, i) => ({ text: `p${i}`, type, addressable: true }));
		const body = [
			...(c.chance(50) ? this.declarations(1) : []),
			...(c.chance(50) ? this.statements(1, 1 + c.below(2)) : []),
			`return ${this.expression(3)};`,
		];
		this.variables = outer;
		const parameters = types.map((type, i) => `${type} p${i}`).join(', ');
		this.top.push(`static ${this.scalar()} ${name}(${parameters})\n{\n\t${body.join('\n\t')}\n}`);
		this.helpers.push({ name, parameters: types.length });
	}

	/** A function that takes an aggregate by value, changes its copy and returns it. */
	private structHelper(): void {
		const of = this.c.of(this.aggregates);
		const type = `${of.keyword} ${of.tag}`;
		const name = `g${this.counter++}_${this.seed}`;
		const outer = this.variables;
		this.variables = [...this.membersOf('s', of), { text: 'p', type: 'int', addressable: true }];
		const body = this.statements(1, 1 + this.c.below(3));
		this.variables = outer;
		this.top.push(
			`static ${type} ${name}(${type} s, int p)\n{\n\t${body.join('\n\t')}\n\treturn s;\n}`,
		);
		this.structHelpers.push({ name, of });
	}

	// Locals.

	private membersOf(base: string, of: Aggregate): readonly Variable[] {
		return [
			...of.members.map((m): Variable => {
				const index = m.length === null ? '' : `[${this.c.below(m.length)}]`;
				const type = m.bits === null ? m.type : 'bits';
				return { text: `${base}.${m.name}${index}`, type, addressable: m.bits === null };
			}),
			...(of.inner === null ? [] : this.membersOf(`${base}.${of.inner.name}`, of.inner.of)),
		];
	}

	private declarations(most = 5): string[] {
		const lines: string[] = [];
		for (let i = 1 + this.c.below(most); i > 0; i--) lines.push(...this.declaration());
		return lines;
	}

	private declaration(): readonly string[] {
		const { c } = this;
		const kind = c.below(100);
		if (kind < 25 && this.aggregates.length > 0) return this.aggregateLocal();
		if (kind < 40) return this.arrayLocal();
		if (kind < 55) return this.pointerLocal();
		const name = this.fresh('v');
		const type = c.chance(6) ? '__auto_type' : c.chance(6) ? 'const' : this.scalar();
		if (type === 'const') {
			const kept = `const ${this.scalar()} ${name} = ${this.expression(2)};`;
			// only read: never a target
			return [kept, ...this.use(name)];
		}
		const value = this.expression(3);
		const line = `${type} ${name} = ${type === '__auto_type' ? `(${value}) + 0` : value};`;
		this.variables.push({
			text: name,
			type: type === '__auto_type' ? 's64' : type,
			addressable: type !== '__auto_type',
		});
		return [line];
	}

	private use(name: string): readonly string[] {
		return [`h = h * 3 + (u32)(${name});`].filter(() => this.variables.some((v) => v.text === 'a'));
	}

	private aggregateLocal(): readonly string[] {
		const { c } = this;
		const of = c.of(this.aggregates);
		const name = this.fresh('o');
		const type = `${of.keyword} ${of.tag}`;
		const before = [...this.variables];
		const helper = c.chance(40) ? this.structHelpers.find((g) => g.of === of) : undefined;
		let line: string;
		if (helper !== undefined && c.chance(60)) {
			line = `${type} ${name} = ${helper.name}((${type}){ ${this.initialiser(of)} }, ${this.expression(1)});`;
		} else if (c.chance(15)) line = `${type} ${name} = (${type}){ ${this.initialiser(of)} };`;
		else line = `${type} ${name} = { ${this.initialiser(of)} };`;
		this.variables = [...before, ...this.membersOf(name, of)];
		const lines = [line];
		if (c.chance(25)) {
			const copy = this.fresh('o');
			lines.push(`${type} ${copy} = ${name};`);
			this.variables.push(...this.membersOf(copy, of));
			if (c.chance(40)) lines.push(`${copy} = ${name};`);
		}
		if (c.chance(25)) {
			const pointer = this.fresh('q');
			lines.push(`${type} *${pointer} = &${name};`);
			this.variables.push(
				...this.membersOf(`(*${pointer})`, of).map((v) => ({
					...v,
					text: v.text.replace(/^\(\*(\w+)\)\./, '$1->'),
				})),
			);
		}
		return lines;
	}

	private initialiser(of: Aggregate): string {
		const { c } = this;
		const plain = of.members.filter((m) => m.length === null && m.name !== 'x');
		const first = of.members[0];
		if (of.keyword === 'union' || c.chance(40)) {
			const chosen = c.of(plain.length > 0 ? plain : of.members);
			const value = chosen.length === null ? this.expression(1) : `{ ${this.expression(1)} }`;
			return `.${chosen.name} = ${value}`;
		}
		if (first === undefined) return '0';
		return first.length === null
			? this.expression(2)
			: `{ ${this.expression(1)}, ${this.expression(1)} }`;
	}

	private arrayLocal(): readonly string[] {
		const { c } = this;
		const name = this.fresh('r');
		const type = this.scalar();
		const length = c.of([2, 4, 8]);
		const values = c.some({ least: 1, most: length }, () => this.expression(1));
		const isConst = c.chance(15);
		const written = isConst ? values.map(() => String(c.below(200))) : values;
		const index = this.expression(1);
		this.variables.push({ text: `${name}[${c.below(length)}]`, type, addressable: true });
		if (isConst) {
			this.variables.pop();
			return [
				`static const ${type} ${name}[${length}] = { ${written.join(', ')} };`,
				...this.use(`${name}[(${index}) & ${length - 1}]`),
			];
		}
		this.variables.push({
			text: `${name}[(${this.simple()}) & ${length - 1}]`,
			type,
			addressable: false,
		});
		if (c.chance(20)) {
			const pointer = this.fresh('q');
			const at = c.below(length);
			this.variables.push({ text: `*${pointer}`, type, addressable: false });
			return [
				`${type} ${name}[${length}] = { ${written.join(', ')} };`,
				`${type} *${pointer} = ${name} + ${at};`,
				...(at > 0 ? [`${pointer}${c.of(['--', ' -= 1'])};`] : []),
			];
		}
		return [`${type} ${name}[${length}] = { ${written.join(', ')} };`];
	}

	private pointerLocal(): readonly string[] {
		const { c } = this;
		const targets = this.variables.filter((v) => v.addressable && v.type !== 'bits');
		if (targets.length === 0) return [];
		const target = c.of(targets);
		const name = this.fresh('q');
		const isByte = c.chance(20);
		if (isByte) {
			this.variables.push({ text: `${name}[0]`, type: 'u8', addressable: false });
			return [`u8 *${name} = (u8 *)&${target.text};`]
				.concat(target.type === '_Bool' ? [`${name}[0] &= 1;`] : [])
				.slice(0, target.type === '_Bool' ? 0 : 1)
				.concat(target.type === '_Bool' ? [`u8 ${name}[1] = { 0 };`] : []);
		}
		this.variables.push({ text: `*${name}`, type: target.type, addressable: false });
		return [`${target.type} *${name} = &${target.text};`];
	}

	// Statements.

	private statements(depth: number, count: number): string[] {
		const lines: string[] = [];
		for (let i = 0; i < count; i++) lines.push(...this.statement(depth));
		return lines;
	}

	private block(depth: number): readonly string[] {
		const outer = [...this.variables];
		const inner = this.c.chance(20) ? this.declaration().filter((l) => !l.startsWith('h =')) : [];
		const body = [...inner, ...this.statements(depth - 1, 1 + this.c.below(2))];
		this.variables = outer;
		return ['{', ...body.map((l) => `\t${l}`), '}'];
	}

	private statement(depth: number): readonly string[] {
		const { c } = this;
		const kind = depth <= 0 ? c.below(50) : c.below(100);
		if (kind < 30) return [this.assignment()];
		if (kind < 40) return [this.update()];
		if (kind < 50) return [this.called()];
		if (kind < 65) {
			const lines = [`if (${this.condition()})`, ...this.block(depth)];
			return c.chance(50) ? [...lines, 'else', ...this.block(depth)] : lines;
		}
		if (kind < 80) return this.loop(depth);
		if (kind < 90) return this.choice(depth);
		if (kind < 95) return this.jump(depth);
		return this.block(depth);
	}

	private target(): Variable {
		return this.c.of(this.variables);
	}

	private assignment(): string {
		const { c } = this;
		const to = this.target();
		const operator = c.of(['=', '=', '=', '+=', '-=', '^=', '|=', '&=']);
		if (c.chance(8) && to.type !== '_Bool')
			return `${to.text} ${c.of(['<<=', '>>='])} ${this.expression(1)} & 7;`;
		if (c.chance(5)) return `${to.text} /= ((${this.expression(1)}) & 15) + 1;`;
		return `${to.text} ${operator} ${this.expression(3)};`;
	}

	private update(): string {
		const { text } = this.target();
		const bare = text.startsWith('*') ? `(${text})` : text;
		const other = this.c.chance(30) ? this.target().text : null;
		const update = this.c.of([`${bare}++`, `++${bare}`, `${bare}--`, `--${bare}`]);
		return other === null || this.root(other) === this.root(text) || /[[*>]/.test(other + text)
			? `${update};`
			: `${other} = ${update};`;
	}

	private root(text: string): string {
		return /[a-z]\w*/.exec(text)?.[0] ?? text;
	}

	private called(): string {
		const to = this.target();
		if (this.helpers.length === 0) return this.assignment();
		const helper = this.c.of(this.helpers);
		const given = Array.from({ length: helper.parameters }, () => this.expression(2)).join(', ');
		return `${to.text} = ${helper.name}(${given});`;
	}

	private loop(depth: number): readonly string[] {
		const { c } = this;
		const i = this.fresh('i');
		const times = 1 + c.below(5);
		const type = c.of(['int', 'u8', 'unsigned int', 's16', 'long']);
		const inside = this.block(depth);
		const body = c.chance(25)
			? [
					'{',
					`\tif (${this.condition()})`,
					`\t\t${c.of(['break', 'continue'])};`,
					...inside.slice(1),
				]
			: inside;
		switch (c.below(3)) {
			case 0:
				return [`for (${type} ${i} = 0; ${i} < ${times}; ${i}++)`, ...body];
			case 1:
				return [
					'{',
					`\t${type} ${i} = ${times};`,
					`\twhile (${i}-- > 0)`,
					...body.map((l) => `\t${l}`),
					'}',
				];
			default:
				return [
					'{',
					`\t${type} ${i} = ${times};`,
					'\tdo',
					...body.map((l) => `\t${l}`),
					`\twhile (--${i} > 0);`,
					'}',
				];
		}
	}

	private choice(depth: number): readonly string[] {
		const { c } = this;
		const mask = c.of([3, 7]);
		const cases = [...new Set(c.some({ least: 1, most: 4 }, () => c.below(mask + 1)))];
		const lines = cases.flatMap((value, i) => {
			const isRange = i === 0 && !cases.includes(value + 1) && c.chance(20);
			const label = isRange ? `case ${value} ... ${value + 1}:` : `case ${value}:`;
			return [
				label,
				...this.block(depth).map((l) => `\t${l}`),
				...(c.chance(70) ? ['\tbreak;'] : []),
			];
		});
		const otherwise = c.chance(60) ? ['default:', ...this.block(depth).map((l) => `\t${l}`)] : [];
		return [`switch ((${this.expression(2)}) & ${mask}) {`, ...lines, ...otherwise, '}'];
	}

	private jump(depth: number): readonly string[] {
		const label = `l${this.labels++}`;
		if (this.c.chance(50))
			return [
				`if (${this.condition()})`,
				`\tgoto ${label};`,
				...this.statements(depth - 1, 1),
				`${label}:;`,
			];
		const i = this.fresh('k');
		return [
			`int ${i} = ${1 + this.c.below(3)};`,
			`${label}:`,
			...this.block(depth),
			`if (--${i} > 0)`,
			`\tgoto ${label};`,
		];
	}
}
