/**
 * What a kernel's compiler has defined before it reads a line: gcc 12 with `-std=gnu11 -funsigned-char
 * -fshort-wchar -msoft-float -O2`, and the kernel's own `-D__KERNEL__`. Floating point is left out: no header of mm/ asks for it.
 *
 * Invariant: the x86 lists are those of `gcc -dM -E` (test/server/preprocess.test.ts); the others follow the same ABI
 * documents as server/lower's types.
 */

export interface Target {
	/** Folder below `arch/`. */
	readonly folder: string;
	/** Longs and pointers have 64 bits. */
	readonly wide: boolean;
	/** Left out: since 6.2 all kernels are compiled with -funsigned-char. */
	readonly signedChar?: boolean;
	/** Before 5.18 with -std=gnu89. */
	readonly gnu89?: boolean;
}

const version = [
	'__GNUC__ 12',
	'__GNUC_MINOR__ 2',
	'__GNUC_PATCHLEVEL__ 0',
	'__VERSION__ "12.2.0"',
];

const common: readonly string[] = [
	...version,
	...['__STDC__ 1', '__STDC_VERSION__ 201112L', '__STDC_UTF_16__ 1', '__STDC_UTF_32__ 1'],
	...[
		'__KERNEL__ 1',
		'__OPTIMIZE__ 1',
		'__GNUC_STDC_INLINE__ 1',
		'__CHAR_UNSIGNED__ 1',
		'__CHAR_BIT__ 8',
	],
	...[
		'__ELF__ 1',
		'__linux 1',
		'__linux__ 1',
		'linux 1',
		'__unix 1',
		'__unix__ 1',
		'unix 1',
		'__gnu_linux__ 1',
	],
	...['__ORDER_LITTLE_ENDIAN__ 1234', '__ORDER_BIG_ENDIAN__ 4321', '__ORDER_PDP_ENDIAN__ 3412'],
	...[
		'__SIZEOF_SHORT__ 2',
		'__SIZEOF_INT__ 4',
		'__SIZEOF_LONG_LONG__ 8',
		'__SIZEOF_WCHAR_T__ 2',
		'__WCHAR_TYPE__ short unsigned int',
		'__SIZEOF_WINT_T__ 4',
	],
	...[
		'__SCHAR_MAX__ 0x7f',
		'__SHRT_MAX__ 0x7fff',
		'__INT_MAX__ 0x7fffffff',
		'__LONG_LONG_MAX__ 0x7fffffffffffffffLL',
	],
	...['__SCHAR_WIDTH__ 8', '__SHRT_WIDTH__ 16', '__INT_WIDTH__ 32', '__LONG_LONG_WIDTH__ 64'],
	...['__INT8_TYPE__ signed char', '__INT16_TYPE__ short int', '__INT32_TYPE__ int'],
	...[
		'__UINT8_TYPE__ unsigned char',
		'__UINT16_TYPE__ short unsigned int',
		'__UINT32_TYPE__ unsigned int',
	],
	...['__INT8_MAX__ 0x7f', '__INT16_MAX__ 0x7fff', '__INT32_MAX__ 0x7fffffff'],
	...['__UINT8_MAX__ 0xff', '__UINT16_MAX__ 0xffff', '__UINT32_MAX__ 0xffffffffU'],
	...[
		'__INT8_C(c) c',
		'__INT16_C(c) c',
		'__INT32_C(c) c',
		'__UINT8_C(c) c',
		'__UINT16_C(c) c',
		'__UINT32_C(c) c ## U',
	],
	...[
		'__CHAR16_TYPE__ short unsigned int',
		'__CHAR32_TYPE__ unsigned int',
		'__WINT_TYPE__ unsigned int',
		'__WINT_MAX__ 0xffffffffU',
	],
	...[
		'__GCC_HAVE_SYNC_COMPARE_AND_SWAP_1 1',
		'__GCC_HAVE_SYNC_COMPARE_AND_SWAP_2 1',
		'__GCC_HAVE_SYNC_COMPARE_AND_SWAP_4 1',
	],
	...['__GXX_ABI_VERSION 1017', '__USER_LABEL_PREFIX__', '__REGISTER_PREFIX__'],
	...[
		'__ATOMIC_RELAXED 0',
		'__ATOMIC_CONSUME 1',
		'__ATOMIC_ACQUIRE 2',
		'__ATOMIC_RELEASE 3',
		'__ATOMIC_ACQ_REL 4',
		'__ATOMIC_SEQ_CST 5',
	],
];

/** The 64-bit types, and all whose width is the pointer's. */
function widths(wide: boolean): readonly string[] {
	const long = wide ? 'L' : 'LL';
	const word = wide ? '64' : '32';
	const max64 = `0x7fffffffffffffff${long}`;
	const signedMax = wide ? max64 : '0x7fffffff';
	const unsignedMax = wide ? '0xffffffffffffffffUL' : '0xffffffffU';
	const type64 = wide ? 'long int' : 'long long int';
	const unsigned64 = wide ? 'long unsigned int' : 'long long unsigned int';
	const signedWord = wide ? 'long int' : 'int';
	const unsignedWord = wide ? 'long unsigned int' : 'unsigned int';
	const bytes = wide ? '8' : '4';
	return [
		...(wide ? ['_LP64 1', '__LP64__ 1', '__SIZEOF_INT128__ 16'] : ['_ILP32 1', '__ILP32__ 1']),
		...[
			`__SIZEOF_LONG__ ${bytes}`,
			`__SIZEOF_POINTER__ ${bytes}`,
			`__SIZEOF_SIZE_T__ ${bytes}`,
			`__SIZEOF_PTRDIFF_T__ ${bytes}`,
		],
		`__LONG_MAX__ ${wide ? max64 : '0x7fffffffL'}`,
		`__LONG_WIDTH__ ${word}`,
		...[
			`__INT64_TYPE__ ${type64}`,
			`__UINT64_TYPE__ ${unsigned64}`,
			`__INTMAX_TYPE__ ${type64}`,
			`__UINTMAX_TYPE__ ${unsigned64}`,
		],
		...[
			`__INT64_MAX__ ${max64}`,
			`__UINT64_MAX__ 0xffffffffffffffffU${long}`,
			`__INTMAX_MAX__ ${max64}`,
			`__UINTMAX_MAX__ 0xffffffffffffffffU${long}`,
		],
		...[
			`__INT64_C(c) c ## ${long}`,
			`__UINT64_C(c) c ## U${long}`,
			`__INTMAX_C(c) c ## ${long}`,
			`__UINTMAX_C(c) c ## U${long}`,
		],
		...[
			`__SIZE_TYPE__ ${unsignedWord}`,
			`__PTRDIFF_TYPE__ ${signedWord}`,
			`__INTPTR_TYPE__ ${signedWord}`,
			`__UINTPTR_TYPE__ ${unsignedWord}`,
		],
		...[
			`__SIZE_MAX__ ${unsignedMax}`,
			`__PTRDIFF_MAX__ ${signedMax}`,
			`__INTPTR_MAX__ ${signedMax}`,
			`__UINTPTR_MAX__ ${unsignedMax}`,
		],
		...[
			`__SIZE_WIDTH__ ${word}`,
			`__PTRDIFF_WIDTH__ ${word}`,
			`__INTPTR_WIDTH__ ${word}`,
			'__INTMAX_WIDTH__ 64',
		],
	];
}

const little = ['__BYTE_ORDER__ __ORDER_LITTLE_ENDIAN__'];
const big = ['__BYTE_ORDER__ __ORDER_BIG_ENDIAN__'];

const byArch: Readonly<Record<string, (wide: boolean) => readonly string[]>> = {
	x86: (wide) => [
		...little,
		'_SOFT_FLOAT 1',
		'__BIGGEST_ALIGNMENT__ 16',
		'__GCC_ASM_FLAG_OUTPUTS__ 1',
		'__SEG_FS 1',
		'__SEG_GS 1',
		'__GCC_HAVE_SYNC_COMPARE_AND_SWAP_8 1',
		...(wide
			? ['__x86_64 1', '__x86_64__ 1', '__amd64 1', '__amd64__ 1', '__k8 1', '__k8__ 1']
			: ['__i386 1', '__i386__ 1', 'i386 1', '__i686 1', '__i686__ 1']),
	],
	arm64: () => [
		...little,
		...[
			'__aarch64__ 1',
			'__AARCH64EL__ 1',
			'__ARM_64BIT_STATE 1',
			'__ARM_ARCH 8',
			'__ARM_ARCH_8A 1',
		],
		...['__BIGGEST_ALIGNMENT__ 16', '__GCC_ASM_FLAG_OUTPUTS__ 1'],
		'__GCC_HAVE_SYNC_COMPARE_AND_SWAP_8 1',
	],
	s390: () => [
		...big,
		...['__s390__ 1', '__s390x__ 1', '__zarch__ 1', '__ARCH__ 10', '__BIGGEST_ALIGNMENT__ 8'],
		'__GCC_HAVE_SYNC_COMPARE_AND_SWAP_8 1',
	],
	powerpc: () => [
		...little,
		...[
			'__powerpc__ 1',
			'__powerpc64__ 1',
			'__PPC__ 1',
			'__PPC64__ 1',
			'__LITTLE_ENDIAN__ 1',
			'_LITTLE_ENDIAN 1',
		],
		...['_CALL_ELF 2', '_ARCH_PPC 1', '_ARCH_PPC64 1', '__BIGGEST_ALIGNMENT__ 16'],
		'__GCC_HAVE_SYNC_COMPARE_AND_SWAP_8 1',
	],
	// -march=rv64imac -mabi=lp64 -mcmodel=medany
	riscv: (wide) => [
		...little,
		...[
			'__riscv 1',
			`__riscv_xlen ${wide ? '64' : '32'}`,
			'__riscv_arch_test 1',
			'__riscv_cmodel_medany 1',
			'__riscv_float_abi_soft 1',
		],
		...[
			'__riscv_i 2001000',
			'__riscv_m 2000000',
			'__riscv_a 2001000',
			'__riscv_c 2000000',
			'__riscv_mul 1',
			'__riscv_div 1',
			'__riscv_muldiv 1',
			'__riscv_atomic 1',
			'__riscv_compressed 1',
		],
		'__BIGGEST_ALIGNMENT__ 16',
		...(wide ? ['__GCC_HAVE_SYNC_COMPARE_AND_SWAP_8 1'] : []),
	],
};

/** What the kernel's build defines for each file (scripts/Makefile.lib); what is asked of them is whether they are there. */
const build: readonly string[] = [
	...['KBUILD_MODFILE "kernel"', 'KBUILD_BASENAME "kernel"', 'KBUILD_MODNAME "kernel"'],
	'__KBUILD_MODNAME kmod_kernel',
];

/** The definitions as `#define` lines. */
export function predefined({ folder, wide, signedChar, gnu89 }: Target): string {
	const arch = byArch[folder]?.(wide) ?? little;
	const without = [
		...(signedChar === true ? ['__CHAR_UNSIGNED__'] : []),
		...(gnu89 === true ? ['__STDC_VERSION__', '__GNUC_STDC_INLINE__'] : []),
	];
	return [...common, ...widths(wide), ...arch, ...(gnu89 === true ? ['__GNUC_GNU_INLINE__ 1'] : [])]
		.filter((line) => !without.some((name) => line.startsWith(`${name} `)))
		.map((line) => `#define ${line}\n`)
		.join('');
}

/** With those of the build. */
export function predefinedInBuild(target: Target): string {
	return predefined(target) + build.map((line) => `#define ${line}\n`).join('');
}

const COMPILERS_BEGINNINGS: readonly string[] = [
	...['__FLT', '__DBL_', '__LDBL_', '__DEC32_', '__DEC64_', '__DEC128_'],
	...['__DECIMAL_', '__DEC_EVAL', '__INT_FAST', '__INT_LEAST', '__UINT_FAST'],
	...['__UINT_LEAST', '__SIG_ATOMIC_', '__WCHAR_', '__WINT_', '__SIZEOF_FLOAT', '__SIZEOF_DOUBLE'],
	...['__SIZEOF_LONG_DOUBLE', '__STDC_IEC', '__STDC_ISO_', '__GCC_ATOMIC', '__GCC_IEC'],
	...['__GCC_HAVE_DWARF2', '__GCC_CONSTRUCTIVE', '__GCC_DESTRUCTIVE', '__GNUC_EXECUTION'],
	...['__GNUC_WIDE_', '__SSE', '__MMX', '__AVX', '__FXSR', '__ATOMIC_HLE_', '__code_model_'],
	'__tune_',
];
const ONLY_COMPILERS: ReadonlySet<string> = new Set([
	...['__k8__', '__HAVE_SPECULATION_SAFE_VALUE', '__PRAGMA_REDEFINE_EXTNAME'],
	...['__FINITE_MATH_ONLY__', '__FLOAT_WORD_ORDER__', '_STDC_PREDEF_H', '__STDC_HOSTED__'],
	// by options that an architecture or a configuration adds
	...[
		'_SOFT_FLOAT',
		'_SOFT_DOUBLE',
		'__NO_FPRS__',
		'__CET__',
		'__OPTIMIZE_SIZE__',
		'__NO_INLINE__',
	],
	...['__SSP__', '__SSP_ALL__', '__SSP_STRONG__', '__PIC__', '__PIE__', '__pie__'],
]);

/**
 * Whether a compiler may have defined a name that is not among those above: floating point, the fast and least integers, vector
 * units, code models and what else `gcc -dM -E` lists by version and options. Names that the kernel's own headers ask for
 * (`__SANITIZE_ADDRESS__`, `__GCC_ASM_FLAG_OUTPUTS__`) are known not to be there.
 */
export function mayBePredefined(name: string): boolean {
	return (
		ONLY_COMPILERS.has(name) || COMPILERS_BEGINNINGS.some((beginning) => name.startsWith(beginning))
	);
}

/** Names of gcc 12's attributes for which the kernel's headers, or a file of it, ask `__has_attribute`. */
const attributes: ReadonlySet<string> = new Set(
	(
		'access alias aligned alloc_align alloc_size always_inline artificial assume_aligned cold common const ' +
		'constructor copy deprecated designated_init destructor error externally_visible fallthrough flatten ' +
		'format format_arg gnu_inline hot ifunc leaf malloc may_alias mode naked no_instrument_function no_reorder ' +
		'no_sanitize no_sanitize_address no_sanitize_coverage no_sanitize_thread no_sanitize_undefined ' +
		'no_split_stack no_stack_limit no_stack_protector noclone noinit noinline noipa nonnull nonstring noplt ' +
		'noreturn nothrow optimize packed patchable_function_entry persistent pure retain returns_nonnull ' +
		'returns_twice scalar_storage_order section sentinel simd stack_protect symver target target_clones ' +
		'tls_model transaction_callable transaction_safe transparent_union uninitialized unused used vector_size ' +
		'visibility warn_if_not_aligned warn_unused_result warning weak weakref zero_call_used_regs cleanup'
	).split(' '),
);

/** Builtins of gcc 12 for which `__has_builtin` is asked. */
const builtins =
	/^__builtin_(?:expect(?:_with_probability)?|constant_p|choose_expr|types_compatible_p|object_size|dynamic_object_size|unreachable|prefetch|trap|(?:add|sub|mul)_overflow(?:_p)?|bswap(?:16|32|64|128)|ffsl*|clzl*|ctzl*|popcountl*|parityl*|offsetof|va_(?:arg|start|end|copy)|return_address|frame_address|extract_return_addr|mem(?:cpy|set|cmp|move|chr)|str(?:len|cmp|cpy|chr|ncmp|ncpy|cat|rchr|str)|alloca(?:_with_align)?|assume_aligned|has_attribute|speculation_safe_value|LINE|FILE|FUNCTION|clear_padding|complex|convertvector|shuffle|shufflevector|abs|labs|llabs|is(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|xdigit)|to(?:upper|lower|ascii))$|^__(?:sync|atomic)_\w+$/;

/** `__has_attribute`, `__has_c_attribute`, `__has_builtin` of gcc 12; null: it has no such question. */
export function compilerHas(question: string, what: string): bigint | null {
	switch (question) {
		case '__has_attribute':
			return attributes.has(plainName(what)) ? 1n : 0n;
		case '__has_cpp_attribute':
		case '__has_c_attribute':
			return 0n;
		case '__has_builtin':
			return builtins.test(what) ? 1n : 0n;
		case '__has_include':
		case '__has_include_next':
			return 0n;
		default:
			return null;
	}
}

/** `__cold__` is `cold`. */
function plainName(name: string): string {
	return /^__(\w+?)__$/.exec(name)?.[1] ?? name;
}
