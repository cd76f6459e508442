/**
 * Headers that only a kernel build makes, as the configuration has them: `generated/autoconf.h` (Kconfig), `bounds.h`
 * (kernel/bounds.c), `timeconst.h`, `utsrelease.h`, `version.h`. Others that a build makes are not there, and said so.
 */

import { COMPILERS } from '../syntax/preprocess/include_paths.js';

export interface BuildFacts {
	readonly config: ReadonlyMap<string, string>;
	/** The tree's top Makefile, where there is one. */
	readonly makefile: string | null;
}

/** A header that a build makes of tables. */
export interface MadeHeader {
	/** Names that it may define. */
	readonly names: RegExp;
	/** What headers ask of it in `#if`, as it is in every kernel. */
	readonly defines: readonly string[];
}

const MADE: readonly (readonly [RegExp, MadeHeader])[] = [
	// arch/x86/entry/syscalls, arch/s390/kernel/syscalls, arch/powerpc/kernel/syscalls, scripts/Makefile.asm-headers
	[
		/^asm\/unistd_(?:(?:compat_)?32|64|32_ia32|64_x32|nr)\.h$/,
		{ names: /^(?:__NR|NR_syscalls|__IGNORE_|__X32_SYSCALL_BIT)/, defines: [] },
	],
	// arch/arm64/tools/gen-cpucaps.awk; of their number it is asked whether it is below 1 << 15
	[
		/^asm\/(?:cpucaps|cpucap-defs)\.h$/,
		{ names: /^ARM64_(?!ASM_ARCH$)/, defines: ['ARM64_NCAPS 128'] },
	],
	// arch/arm64/tools/gen-sysreg.awk
	[/^asm\/sysreg-defs\.h$/, { names: /^(?:SYS|REG)_|^(?!CONFIG_).*_EL\d(?:_|$)/, defines: [] }],
	// arch/s390/tools/gen_facilities.c
	[/^asm\/facility-defs\.h$/, { names: /^FACILITIES_/, defines: [] }],
];

/** What is known of a header that a build makes; null: nothing is. */
export function madeHeader(path: string): MadeHeader | null {
	return MADE.find(([header]) => header.test(path))?.[1] ?? null;
}

/** Whether racewalk makes the header at a path; what a build left of it in the tree is looked at in built_headers.ts. */
export function isMadeHeader(path: string): boolean {
	always ??= new Set([
		...generatedHeaders({ config: new Map(), makefile: null }).keys(),
		'include/generated/uapi/linux/version.h',
	]);
	return always.has(path);
}

let always: ReadonlySet<string> | null = null;

/** Texts by path in the tree. */
export function generatedHeaders(facts: BuildFacts): ReadonlyMap<string, string> {
	const version = versionOf(facts.makefile);
	return new Map([
		['include/generated/autoconf.h', autoconf(facts.config)],
		['include/generated/bounds.h', bounds(facts.config)],
		['include/generated/timeconst.h', timeConstants()],
		['include/generated/asm-offsets.h', ''],
		[`${COMPILERS}/stdarg.h`, VARIABLE_ARGUMENTS],
		...(version === null
			? []
			: ([['include/generated/uapi/linux/version.h', versionHeader(version)]] as const)),
	]);
}

/** gcc's own, which kernels before 5.16 include. */
const VARIABLE_ARGUMENTS = `typedef __builtin_va_list va_list;
#define va_start(list, last) __builtin_va_start(list, last)
#define va_arg(list, type) __builtin_va_arg(list, type)
#define va_copy(to, from) __builtin_va_copy(to, from)
#define va_end(list) __builtin_va_end(list)
`;

/** `#define CONFIG_X 1`, as scripts/kconfig/confdata.c writes them. */
export function autoconf(config: ReadonlyMap<string, string>): string {
	return [...config]
		.filter(([, value]) => value !== 'n')
		.map(([name, value]) => {
			if (value === 'm') return `#define ${name}_MODULE 1\n`;
			return `#define ${name} ${value === 'y' ? '1' : value}\n`;
		})
		.join('');
}

/** kernel/bounds.c: the zones of include/linux/mmzone.h, bits for CPUs, LRU_GEN's of include/linux/mmzone.h. */
function bounds(config: ReadonlyMap<string, string>): string {
	const zones = ['ZONE_DMA', 'ZONE_DMA32', 'HIGHMEM', 'ZONE_DEVICE'].filter((name) =>
		config.has(`CONFIG_${name}`),
	);
	const cpus = Number(config.get('CONFIG_NR_CPUS') ?? '1');
	const generations = config.has('CONFIG_LRU_GEN');
	const lines = [
		// ZONE_NORMAL and ZONE_MOVABLE are always there
		`MAX_NR_ZONES ${zones.length + 2}`,
		'NR_PAGEFLAGS 24',
		`NR_CPUS_BITS ${Math.ceil(Math.log2(Math.max(cpus, 1)))}`,
		'SPINLOCK_SIZE 4',
		`LRU_GEN_WIDTH ${generations ? 3 : 0}`,
		`__LRU_REFS_WIDTH ${generations ? 2 : 0}`,
	];
	return lines.map((line) => `#define ${line}\n`).join('');
}

/** kernel/time/timeconst.bc for HZ=250. */
function timeConstants(): string {
	const lines = [
		'HZ_TO_MSEC_MUL32 0x80000000U',
		'HZ_TO_MSEC_SHR32 29',
		'HZ_TO_MSEC_NUM 4',
		'HZ_TO_MSEC_DEN 1',
	];
	const includes = '#include <linux/param.h>\n#include <linux/types.h>\n';
	return `${includes}${lines.map((line) => `#define ${line}\n`).join('')}`;
}

function versionOf(makefile: string | null): readonly [number, number, number] | null {
	const found = ['VERSION', 'PATCHLEVEL', 'SUBLEVEL'].map((name) =>
		new RegExp(`^${name}[ \\t]*=[ \\t]*(\\d+)`, 'm').exec(makefile ?? ''),
	);
	if (found.some((m) => m === null)) return null;
	const [a = 0, b = 0, c = 0] = found.map((m) => Number(m?.[1]));
	return [a, b, c];
}

/** LINUX_VERSION_CODE and KERNEL_VERSION() as the Makefile writes them. */
export function versionHeader([a, b, c]: readonly [number, number, number]): string {
	return `#define LINUX_VERSION_CODE ${a * 65536 + b * 256 + Math.min(c, 255)}\n#define KERNEL_VERSION(a,b,c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))\n`;
}
