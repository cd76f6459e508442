/**
 * What tools are asked with: rows, from which both the JSON schema that a client sees and the check of what it sends are made, so that
 * they cannot differ. What a row does not allow, a name that no row has included, is a UsageError that says what is.
 */
import { UsageError } from '../options.js';

/** A parameter of a tool. */
export type Parameter = {
	readonly name: string;
	readonly about: string;
	readonly isRequired?: true;
} & (
	| { readonly kind: 'text'; readonly oneOf?: readonly string[] }
	| { readonly kind: 'words' }
	| { readonly kind: 'number'; readonly least: number }
	| { readonly kind: 'flag' }
);

/** What a client sent, checked. */
export interface Given {
	text(name: string): string | undefined;
	words(name: string): readonly string[];
	number(name: string): number | undefined;
	flag(name: string): boolean;
}

/** Characters of one text, patch or file. */
const TEXT_MAX = 4_000_000;
/** Words of a list. */
const WORDS_MAX = 100;

export interface ObjectSchema {
	readonly type: 'object';
	readonly properties: Readonly<Record<string, object>>;
	readonly required?: string[];
	readonly additionalProperties?: boolean;
	readonly [key: string]: unknown;
}

export function schemaOf(parameters: readonly Parameter[]): ObjectSchema {
	return {
		type: 'object',
		properties: Object.fromEntries(
			parameters.map((p) => [p.name, { ...typeOf(p), description: p.about }]),
		),
		required: parameters.filter((p) => p.isRequired === true).map((p) => p.name),
		additionalProperties: false,
	};
}

function typeOf(parameter: Parameter): object {
	switch (parameter.kind) {
		case 'text':
			return {
				type: 'string',
				maxLength: TEXT_MAX,
				...(parameter.oneOf === undefined ? {} : { enum: parameter.oneOf }),
			};
		case 'words':
			return { type: 'array', items: { type: 'string' }, maxItems: WORDS_MAX };
		case 'number':
			return { type: 'number', minimum: parameter.least };
		case 'flag':
			return { type: 'boolean' };
	}
}

/** What was sent to a tool; a UsageError where its parameters do not allow it. */
export function givenBy(
	tool: string,
	parameters: readonly Parameter[],
	sent: Readonly<Record<string, unknown>>,
): Given {
	const known = parameters.map(({ name }) => name);
	for (const name of Object.keys(sent))
		if (!known.includes(name))
			throw new UsageError(`${tool} has no '${name}'; it takes ${known.join(', ')}`);
	for (const parameter of parameters) {
		const value = sent[parameter.name];
		const problem = value === undefined ? missing(parameter) : refusal(parameter, value);
		if (problem !== null) throw new UsageError(`${tool}: '${parameter.name}' ${problem}`);
	}
	return {
		text: (name) => sent[name] as string | undefined,
		words: (name) => (sent[name] ?? []) as readonly string[],
		number: (name) => sent[name] as number | undefined,
		flag: (name) => sent[name] === true,
	};
}

function missing({ isRequired, about }: Parameter): string | null {
	return isRequired === true ? `is needed: ${about}` : null;
}

/** Why a parameter does not take a value; null: it does. */
function refusal(parameter: Parameter, value: unknown): string | null {
	switch (parameter.kind) {
		case 'text': {
			const { oneOf } = parameter;
			if (typeof value !== 'string') return 'is a string';
			if (value.length > TEXT_MAX) return `has ${TEXT_MAX} characters at most`;
			if (oneOf !== undefined && !oneOf.includes(value)) return `is one of ${oneOf.join(', ')}`;
			return null;
		}
		case 'words':
			return Array.isArray(value) &&
				value.length <= WORDS_MAX &&
				value.every((word) => typeof word === 'string' && word.length <= TEXT_MAX)
				? null
				: `is a list of ${WORDS_MAX} strings at most`;
		case 'number':
			return typeof value === 'number' && value >= parameter.least
				? null
				: `is a number, ${parameter.least} or more`;
		case 'flag':
			return typeof value === 'boolean' ? null : 'is true or false';
	}
}
