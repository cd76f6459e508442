/**
 * `_Generic`: the arm whose type is the control's.
 *
 * Invariant: where types that C tells apart are one here (const behind a pointer, long and long long of a computed value, an entry and its number), the
 * choice is refused.
 */
import type { Expression, TypeName } from '../syntax/ast.js';
import { type FunctionState, type Piece, Unlowerable } from './context.js';
import { decayed, printType, resolveTypeName, type TypeQuestions } from './type_names.js';
import { questionsOf, typeOf } from './type_questions.js';
import type { CType } from './types.js';

type Generic = Expression & { kind: 'generic' };

/** The expression that a generic selection stands for. */
export function chosenArm(state: FunctionState, piece: Piece, generic: Generic): Expression {
	const control = decayed(typeOf(state, piece, generic.control, { bitfields: 'refused' }));
	const questions = questionsOf(state, piece);
	const answers = generic.arms.map(({ type, value }) => ({
		value,
		same: type === null ? null : isSameAs(type, control, { piece, questions }),
	}));
	const doubtful = answers.find((a) => a.same === 'unknown');
	if (doubtful !== undefined)
		throw new Unlowerable(
			`which arm of _Generic a value of type ${printType(control)} takes`,
			generic,
		);
	const chosen = answers.find((a) => a.same === 'yes') ?? answers.find((a) => a.same === null);
	if (chosen === undefined)
		throw new Unlowerable(`no arm of _Generic is for ${printType(control)}`, generic);
	return chosen.value;
}

/**
 * A value has no qualifiers, so that an arm for `const int` takes none of int (C11 DR 481; gcc before 11 keeps those of some controls). What a
 * typedef or typeof qualifies is not kept: such an arm is none that is known to be the control's.
 */
function isSameAs(
	type: TypeName,
	control: CType,
	{ piece, questions }: { readonly piece: Piece; readonly questions: TypeQuestions },
): Answer {
	const answer = isSame(control, resolveTypeName(type, piece.unit, questions));
	if (answer !== 'yes') return answer;
	const words = piece.text.slice(type.start, type.end).split(/\W{1,1000}/);
	const { specifier } = type;
	const isPlain =
		specifier.kind === 'named'
			? words.every((word) => WORDS.has(word))
			: specifier.kind !== 'typeof';
	return isPlain && !words.some((word) => QUALIFIERS.test(word)) ? 'yes' : 'unknown';
}

/** Of the types that C has by name. */
const WORDS: ReadonlySet<string> = new Set([
	...['', 'char', 'short', 'int', 'long', 'signed', 'unsigned', '_Bool', 'void'],
	...['__signed__', '__signed', '__int128'],
]);
const QUALIFIERS = /^(?:_*const_*|_*volatile_*|_*restrict_*|_Atomic)$/;

type Answer = 'yes' | 'no' | 'unknown';

function isSame(a: CType, b: CType): Answer {
	if (a.kind === 'unknown' || b.kind === 'unknown') return 'unknown';
	// what pte_val() gives is an entry here, and a number in C
	if ((a.kind === 'entry' && b.kind === 'integer') || (a.kind === 'integer' && b.kind === 'entry'))
		return 'unknown';
	if (a.kind !== b.kind) return 'no';
	switch (a.kind) {
		case 'void':
			return 'yes';
		case 'integer':
			return b.kind === 'integer' ? sameInteger(a, b) : 'no';
		case 'entry':
			return b.kind === 'entry' && a.name === b.name ? 'yes' : 'no';
		case 'struct':
			return b.kind === 'struct' && a.tag === b.tag && a.own === b.own ? 'yes' : 'no';
		case 'pointer':
			// const behind the pointer is not kept
			return b.kind === 'pointer' && isSame(a.to, b.to) === 'no' ? 'no' : 'unknown';
		default:
			return 'unknown';
	}
}

function sameInteger(a: CType & { kind: 'integer' }, b: CType & { kind: 'integer' }): Answer {
	if (a.integer.bits !== b.integer.bits || a.integer.signed !== b.integer.signed) return 'no';
	if (a.boolean !== b.boolean) return 'no';
	if (a.rank === b.rank) return a.integer.bits === 64 && a.rank === undefined ? 'unknown' : 'yes';
	return a.integer.bits === 64 && a.rank === undefined ? 'unknown' : 'no';
}
