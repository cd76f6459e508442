/**
 * racing-mapping: what the walk makes of `folio->mapping` rests on a value that another CPU changes under it.
 *
 * Model: reading `->mapping` of a folio that was freed since the entry was read counts as broken at the read; whether the
 * code goes on to decide by it is not followed.
 */
import { ghost } from '../mm/model/ghost.js';
import { OWNER, ownerName } from '../mm/model/owner.js';
import { blamed, frameOfField, type Watched, walkerFrame } from '../mm/monitor/watch.js';
import { OBJECT_STRIDE, type Program } from '../program/program.js';
import { type Property, report } from './property.js';
import { isUntracked } from './unsafe_longterm_pin.js';

export const racingMapping: Property = {
	rule: 'racing-mapping',
	severity: 'error',
	what: 'A decision depends on folio->mapping, which another CPU can change: it is read twice, read without READ_ONCE(), read before the reference or the re-check, or NULL and tagged pointers are not handled.',
	run: 'Truncation sets folio->mapping to NULL between two reads (a plain read may be repeated by the compiler at each use), or the page is freed and reused before the re-check, so that the mapping belongs to another owner.',
	fix: 'Look at the folio only after the re-check, read ->mapping once with READ_ONCE(), reject NULL, test the tag bits, and judge and dereference only that value.',
	history: [
		'a6e79df92e4a mm/gup: disallow FOLL_LONGTERM GUP-fast writing to file-backed mappings',
		'f002882ca369 mm: merge folio_is_secretmem() and folio_fast_pin_allowed() into gup_fast_folio_allowed()',
	],
	onEvent(event, view, s) {
		if (event.kind === 'load') {
			const frame = frameOfField(s, event.address, 'mapping');
			if (frame === null) return;
			const seen = view.read(ghost('seen', frame));
			if (seen === 0 || seen === view.read(ghost('generation', frame)) + 1) return;
			report(
				view,
				'racing-mapping',
				walkerFrame(s, view, event.site),
				`folio->mapping is read before the ${s.world.spec.level.toUpperCase()} is re-checked; the page was freed in between`,
				{ explainedBy: 'stale-pin' },
			);
			return;
		}
		if (
			event.kind !== 'fault' ||
			event.what !== 'no-cell' ||
			!isMappingFault(s, event.address, event.source)
		)
			return;
		const value = event.address < OBJECT_STRIDE ? 'NULL' : 'a tagged pointer';
		report(
			view,
			'racing-mapping',
			blamed(s, view, event.site),
			`folio->mapping is ${value} when it is dereferenced`,
		);
	},
	onReturn(outcome, view, s) {
		for (const page of outcome.handed) {
			if (!page.valid || page.nullMapping === null) continue;
			if (page.owner !== OWNER.secretmem && !isUntracked(s, page)) continue;
			report(
				view,
				'racing-mapping',
				page.nullMapping,
				`folio->mapping is NULL when it is read, and the folio is allowed: it is ${ownerName(page.owner)}`,
				// who never asks what the folio is does not decide by its mapping either
				{ explainedBy: page.owner === OWNER.secretmem ? 'secretmem-pin' : 'unsafe-longterm-pin' },
			);
		}
	},
};

/** The faulting pointer came from some `->mapping`, or was NULL and the access is to a field of struct address_space. */
export function isMappingFault(s: Watched, address: number, source: number): boolean {
	if (source !== 0 && frameOfField(s, source, 'mapping') !== null) return true;
	return address < OBJECT_STRIDE && isMappingField(s.program, address);
}

/** A field of struct address_space, at its place behind NULL or behind any other pointer to an object. */
export function isMappingField(program: Program, address: number): boolean {
	return program.fields[Math.floor((address % OBJECT_STRIDE) / 8)]?.struct === 'address_space';
}
