/**
 * The locations of a litmus test by the names of objects and their parts (`s`, `s.next`, `a[2].x`).
 *
 * Invariant: the words of an object are neighbouring locations; a part of an object is never a location of its own.
 */
import {
	type LitmusLocation,
	type LocationIndex,
	locationAddress,
} from '../../engine/memory/lkmm/litmus_program.js';
import { LitmusProblem } from './problem.js';
import { type LitmusType, places, sizeOf, WORD } from './types.js';

export class LocationTable {
	readonly #index = new Map<string, LocationIndex>();
	readonly #types = new Map<string, LitmusType>();
	readonly #locations: { name: string; object: string; initial: number }[] = [];

	/** Makes an object's locations, with initial values 0; `at` is where it is declared. */
	declare(name: string, type: LitmusType, at: number): void {
		const known = this.#types.get(name);
		if (known !== undefined) {
			// Also by the type of an array's elements, which is what a pointer to it points at.
			const sizes = [sizeOf(known), sizeOf(known.kind === 'array' ? known.of : known), 1];
			if (!sizes.includes(sizeOf(type))) throw new LitmusProblem(`${name} has two types`, at);
			return;
		}
		const base = this.#locations.length;
		this.#types.set(name, type);
		for (const { path, offset } of places(type)) {
			const part = name + path;
			this.#index.set(part, (base + offset) as LocationIndex);
			const location = this.#locations[base + offset];
			// Outer parts come first: the innermost names the word, the outermost the object.
			if (location !== undefined) location.name = part;
			else this.#locations.push({ name: part, object: part, initial: 0 });
		}
	}

	/** The location of a name; what has not been declared is a word. */
	find(name: string, at: number): LocationIndex {
		const found = this.#index.get(name);
		if (found !== undefined) return found;
		if (/[.[]/.test(name)) throw new LitmusProblem(`there is no ${name}`, at);
		this.declare(name, WORD, at);
		return this.find(name, at);
	}

	/** The location of a name that was declared, or null. */
	known(name: string): LocationIndex | null {
		return this.#index.get(name) ?? null;
	}

	address(name: string, at: number): number {
		return locationAddress(this.find(name, at));
	}

	/** The type an object was declared with, or null. */
	typeOf(name: string): LitmusType | null {
		return this.#types.get(name) ?? null;
	}

	set(location: LocationIndex, value: number): void {
		const found = this.#locations[location];
		if (found !== undefined) found.initial = value;
	}

	all(): readonly LitmusLocation[] {
		return this.#locations.map(({ name, object, initial }) =>
			name === object ? { name, initial } : { name, object, initial },
		);
	}
}
