/**
 * What the architecture's ABI fixes for C: LP64, or ILP32 where words have 32 bits; which `char` is signed; the order of bytes.
 *
 * The primitives and the adversaries are racewalk's own text and are written for 64 bits whatever the architecture.
 */
import { isCharSigned } from '../tree/build_flags.js';

export interface Abi {
	readonly longBits: 32 | 64;
	readonly charSigned: boolean;
	readonly bigEndian: boolean;
}

/** What racewalk's own C is written for. */
export const modelAbi: Abi = { longBits: 64, charSigned: false, bigEndian: false };

/**
 * The ABI under a configuration. Since 6.2 the kernel is compiled with -funsigned-char (3bc753c06dd0, the top Makefile); before,
 * `char` was the architecture's: signed on x86 only, of those that racewalk has profiles of.
 */
export function abiOf(
	config: ReadonlyMap<string, string>,
	{ makefile }: { readonly makefile: string | null },
): Abi {
	return {
		longBits: config.has('CONFIG_X86_32') || config.has('CONFIG_X86_PAE') ? 32 : 64,
		charSigned: isCharSigned(makefile, { isX86: config.has('CONFIG_X86') }),
		bigEndian: config.has('CONFIG_S390') || config.has('CONFIG_CPU_BIG_ENDIAN'),
	};
}
