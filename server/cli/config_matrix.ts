/**
 * `--config-matrix`: the configuration asked for, and it again with one symbol turned over that decides about worlds,
 * adversaries or what is compiled.
 */
import type { Variant } from '../ide/analysis/analysis.js';

/** Symbols that are turned over. */
const SYMBOLS = [
	'CONFIG_MMU_GATHER_RCU_TABLE_FREE',
	'CONFIG_PARAVIRT',
	'CONFIG_TRANSPARENT_HUGEPAGE',
	'CONFIG_HUGETLB_PAGE',
	'CONFIG_SECRETMEM',
	'CONFIG_KSM',
	'CONFIG_MIGRATION',
	'CONFIG_ARCH_HAS_PTE_SPECIAL',
	'CONFIG_ARCH_HAS_PTE_DEVMAP',
] as const;

/**
 * Symbols that only make sense turned off where the architecture has them: nobody builds a kernel of one that has not.
 * CONFIG_MMU_GATHER_RCU_TABLE_FREE is offered both ways: it asks what each way of freeing tables takes.
 */
const BOTH_WAYS: readonly string[] = ['CONFIG_MMU_GATHER_RCU_TABLE_FREE'];

/** What goes when a symbol goes, as Kconfig would have it. */
const DEPENDS: Readonly<Record<string, readonly string[]>> = {
	CONFIG_TRANSPARENT_HUGEPAGE: ['CONFIG_HAVE_ARCH_TRANSPARENT_HUGEPAGE_PUD'],
	CONFIG_ARCH_HAS_PTE_DEVMAP: ['CONFIG_ZONE_DEVICE', 'CONFIG_DEVICE_PRIVATE', 'CONFIG_PCI_P2PDMA'],
	CONFIG_MMU_GATHER_RCU_TABLE_FREE: ['CONFIG_PARAVIRT'],
};

/** A configuration and its neighbours. */
export function neighbours(base: Variant): readonly Variant[] {
	const list: Variant[] = [base];
	for (const symbol of SYMBOLS) {
		const isSet = base.config.has(symbol);
		if (!isSet && !BOTH_WAYS.includes(symbol)) continue;
		const config = new Map(base.config);
		const turned = isSet ? [symbol, ...(DEPENDS[symbol] ?? [])] : [symbol];
		if (isSet) for (const gone of turned) config.delete(gone);
		else config.set(symbol, 'y');
		const said = [...(base.said ?? []), ...turned];
		list.push({ arch: base.arch, changed: `${symbol}=${isSet ? 'n' : 'y'}`, config, said });
	}
	return list;
}
