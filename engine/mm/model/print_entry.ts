/**
 * Entries in words: pfn and bits; half an entry where it is read in halves.
 */
import type { Half } from '../../program/op.js';
import { highHalf, isTorn, lowHalf } from './halves.js';
import { ENTRY, frameOfValue, PAGE_SIZE } from './layout.js';

const BIT_NAMES: readonly (readonly [number, string])[] = [
	[ENTRY.present, 'present'],
	[ENTRY.write, 'write'],
	[ENTRY.dirty, 'dirty'],
	[ENTRY.leaf, 'leaf'],
	[ENTRY.protnone, 'protnone'],
	[ENTRY.special, 'special'],
	[ENTRY.devmap, 'devmap'],
];

/** An entry for people: `none`, `pfn 8 present|write`. */
export function printEntry(entry: number): string {
	if (entry === 0) return 'none';
	if (isTorn(entry)) return `${printEntry(lowHalf(entry))}, high half of pfn ${highHalf(entry)}`;
	const bits = entry % PAGE_SIZE;
	if ((bits & ENTRY.migration) !== 0) return 'migration entry';
	const names = BIT_NAMES.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name);
	return `pfn ${frameOfValue(entry)} ${names.join('|') || 'not present'}`;
}

/** What a half shows of the entry it was read from. */
export function printHalf(entry: number, half: Half): string {
	if (half === 'low') return printEntry(lowHalf(entry));
	const high = highHalf(entry);
	return high === 0 ? 'none' : `pfn ${high}`;
}
