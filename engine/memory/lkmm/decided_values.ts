/**
 * What a run has already decided about values that are not known: the same question is not asked twice. Only equality
 * is seen through (`a != b` and `!(a == b)` are one question); other values are the same when they are built the same.
 */
import type { SymbolicValue } from './value.js';

/** A question, and whether the value is its answer or the opposite. */
interface Question {
	readonly key: string;
	readonly isPositive: boolean;
}

export class DecidedValues {
	readonly #answers = new Map<string, boolean>();

	/** What is known about a value being non-zero, or null. */
	known(value: SymbolicValue): boolean | null {
		if (typeof value === 'number') return value !== 0;
		const { key, isPositive } = question(value);
		const answer = this.#answers.get(key);
		return answer === undefined ? null : answer === isPositive;
	}

	/** Notes that a value is non-zero. */
	add(value: SymbolicValue): void {
		const { key, isPositive } = question(value);
		this.#answers.set(key, isPositive);
	}
}

function question(value: SymbolicValue): Question {
	if (typeof value === 'number' || 'read' in value)
		return { key: JSON.stringify(value), isPositive: true };
	const { operator, left, right } = value;
	if (operator !== '==' && operator !== '!=')
		return { key: JSON.stringify(value), isPositive: true };
	const isEqual = operator === '==';
	// Equal to 0 is "not"; then the question is what is asked inside.
	if (right === 0) {
		const inner = question(left);
		return { key: inner.key, isPositive: inner.isPositive !== isEqual };
	}
	const sides = [JSON.stringify(left), JSON.stringify(right)].sort();
	return { key: sides.join('=='), isPositive: isEqual };
}
