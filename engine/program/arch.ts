/**
 * The architectures a program can be lowered for, and what each verdict takes for granted on them beyond their configuration
 * (server/tree/arch_profiles.ts).
 */

interface Arch {
	readonly name: string;
	readonly assumed: string;
	/** The same where entries are read in one piece after all. */
	readonly assumedWhole?: string;
}

const TABLE = [
	{
		name: 'x86_64',
		assumed: 'x86_64 with four page-table levels; entries are read in one piece',
	},
	{
		name: 'arm64',
		assumed:
			'arm64 with four page-table levels; TLB invalidation by broadcast, page tables freed by RCU',
	},
	{
		name: 'i386-pae',
		assumed:
			'i386-pae with three page-table levels; PTEs and PMDs are read in halves, and a TLB flush waits for the walk',
		assumedWhole:
			'i386-pae with three page-table levels; entries are read in one piece under this memory model',
	},
	{
		name: 's390x',
		assumed:
			's390x with three page-table levels, as a process has until it maps more than 4 TB: pgd and p4d are folded',
	},
	{ name: 'powerpc64', assumed: 'powerpc64 with four page-table levels; page tables freed by RCU' },
	{
		name: 'riscv64',
		assumed:
			'riscv64 with four page-table levels (Sv48); TLB invalidation by SBI calls or IPIs, page tables freed by RCU or after an IPI',
	},
] as const satisfies readonly Arch[];

export type ArchName = (typeof TABLE)[number]['name'];

export const ARCHS: readonly ArchName[] = TABLE.map(({ name }) => name);

/** What an architecture is taken to be beyond its CONFIG_ symbols. */
export function assumedOf(arch: ArchName, reads: 'halves' | 'whole'): string {
	const row: Arch | undefined = TABLE.find(({ name }) => name === arch);
	return (reads === 'whole' ? row?.assumedWhole : undefined) ?? row?.assumed ?? arch;
}

/** Words have 32 bits, and entries are read in halves where the memory model knows halves. */
export function hasHalves(arch: ArchName): boolean {
	return assumedOf(arch, 'whole') !== assumedOf(arch, 'halves');
}
