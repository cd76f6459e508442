/**
 * secretmem-pin: a page of a secretmem file is handed out; no one but its owner may reach its contents.
 */
import { OWNER } from '../mm/model/owner.js';
import { type Property, report } from './property.js';

export const secretmemPin: Property = {
	rule: 'secretmem-pin',
	severity: 'error',
	what: 'A secretmem folio was returned.',
	run: 'The entry maps a secretmem page and nothing on the way asks for its mapping\u2019s operations.',
	fix: 'For order-0 folios compare mapping->a_ops with secretmem_aops for every combination of flags, after the re-check, and reject.',
	history: ['1507f51255c9 mm: introduce memfd_secret system call to create "secret" memory areas'],
	onReturn(outcome, view) {
		for (const page of outcome.handed) {
			if (!page.valid || page.owner !== OWNER.secretmem) continue;
			report(view, 'secretmem-pin', page.place, `pages[${page.index}] is a secretmem page`);
		}
	},
};
