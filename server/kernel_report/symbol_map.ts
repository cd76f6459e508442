/** A System.map: which function an address lies in. */

export interface SymbolMap {
	/** Of `ffffffff812a3b4c`, `[<ffffffff812a3b4c>]`; null: no function of the map. */
	nameOf(address: string): string | null;
}

/** The functions of a text in System.map's form; null: it is none. */
export function symbolMap(text: string): SymbolMap | null {
	const symbols: { readonly address: bigint; readonly name: string }[] = [];
	for (const line of text.split('\n')) {
		const match = /^([0-9a-f]{8,16}) [tTwW] ([A-Za-z_]\w{0,199})/.exec(line);
		if (match?.[1] === undefined || match[2] === undefined) continue;
		symbols.push({ address: BigInt(`0x${match[1]}`), name: match[2] });
	}
	if (symbols.length === 0) return null;
	symbols.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
	return {
		nameOf(word) {
			const digits = /[0-9a-f]{8,16}/.exec(word.replace('0x', ''))?.[0];
			if (digits === undefined) return null;
			const wanted = BigInt(`0x${digits}`);
			let [low, high] = [0, symbols.length];
			while (low < high) {
				const middle = (low + high) >> 1;
				if ((symbols[middle]?.address ?? 0n) <= wanted) low = middle + 1;
				else high = middle;
			}
			// behind the last symbol lies anything
			return low === 0 || low === symbols.length ? null : (symbols[low - 1]?.name ?? null);
		},
	};
}
