/** All mutants of Debian 6.12's mm/gup.c. */
import { BENIGN_FLOW } from './benign_flow.js';
import { BENIGN_FOLIO } from './benign_folio.js';
import { BENIGN_FORMS } from './benign_forms.js';
import { BENIGN_RECHECK } from './benign_recheck.js';
import { BENIGN_WORDS } from './benign_words.js';
import { BUGS_ALLOWED } from './bugs_allowed.js';
import { BUGS_FAST } from './bugs_fast.js';
import { BUGS_FOLIO } from './bugs_folio.js';
import { BUGS_LEAF } from './bugs_leaf.js';
import { BUGS_PTE_COUNT } from './bugs_pte_count.js';
import { BUGS_PTE_LOOK } from './bugs_pte_look.js';
import { BUGS_RANGE } from './bugs_range.js';
import type { Mutant } from './mutant.js';
import { SUBTLE } from './subtle.js';

export const MUTANTS: readonly Mutant[] = [
	...BUGS_PTE_LOOK,
	...BUGS_PTE_COUNT,
	...BUGS_LEAF,
	...BUGS_FOLIO,
	...BUGS_ALLOWED,
	...BUGS_FAST,
	...BUGS_RANGE,
	...BENIGN_RECHECK,
	...BENIGN_FOLIO,
	...BENIGN_FLOW,
	...BENIGN_WORDS,
	...BENIGN_FORMS,
	...SUBTLE,
];
