/** Bits of a mask, as powers of two: numbers, so that a mask may have more than 32 bits. */

/** Those that are set, up to `top`, lowest first. */
export function bitsOf(mask: number, top: number): readonly number[] {
	const bits: number[] = [];
	for (let bit = 1; bit <= Math.min(top, mask); bit *= 2)
		if (Math.floor(mask / bit) % 2 === 1) bits.push(bit);
	return bits;
}

/** Those of a mask that has no more than `max` of them; a mask of more is taken for a number and has none. */
export function fewBitsOf(
	mask: number,
	{ top, max }: { readonly top: number; readonly max: number },
): readonly number[] {
	const bits = bitsOf(mask, top);
	return bits.length > max ? [] : bits;
}
