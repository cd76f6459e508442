/**
 * What waits for a worker, in the order in which it came, but for documents that the user asked about: the one asked about last comes first.
 */

/** Documents that are known to have been asked about. */
const ASKED_MAX = 20;

export class Waiting<Entry extends { readonly key: string }> {
	#entries: Entry[] = [];
	/** Keys that somebody asked about, the last one last. */
	readonly #asked = new Set<string>();

	add(entry: Entry): void {
		this.#entries.push(entry);
	}

	/** Before all that waits and came before. */
	putBack(entry: Entry): void {
		this.#entries.unshift(entry);
	}

	/** Whatever waits under the key, now or later, goes before what nobody asked about and what was asked about before. */
	prefer(key: string): void {
		this.#asked.delete(key);
		this.#asked.add(key);
		const [oldest] = this.#asked;
		if (this.#asked.size > ASKED_MAX && oldest !== undefined) this.#asked.delete(oldest);
	}

	/** Whether something waits that was asked about after the key was, if that ever was. */
	hasAskedAfter(key: string): boolean {
		for (const asked of [...this.#asked].reverse()) {
			if (asked === key) return false;
			if (this.of(asked).length > 0) return true;
		}
		return false;
	}

	of(key: string): readonly Entry[] {
		return this.#entries.filter((entry) => entry.key === key);
	}

	/** Takes what is next; undefined: nothing waits. */
	next(): Entry | undefined {
		for (const key of [...this.#asked].reverse()) {
			const place = this.#entries.findIndex((entry) => entry.key === key);
			if (place >= 0) return this.#entries.splice(place, 1)[0];
		}
		return this.#entries.shift();
	}

	/** Whether it waited; it does no longer. */
	remove(entry: Entry): boolean {
		const place = this.#entries.indexOf(entry);
		if (place >= 0) this.#entries.splice(place, 1);
		return place >= 0;
	}

	/** Takes all. */
	drain(): readonly Entry[] {
		const all = this.#entries;
		this.#entries = [];
		return all;
	}
}
