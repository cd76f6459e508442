/** All mutants of Debian 6.12's mm/gup.c. */
import { BENIGN_CHECKS } from './benign_checks.js';
import { BENIGN_FORMS } from './benign_forms.js';
import { BENIGN_SHAPE } from './benign_shape.js';
import { BUGS_FOLIO } from './bugs_folio.js';
import { BUGS_LEAF } from './bugs_leaf.js';
import { BUGS_PTE } from './bugs_pte.js';
import { BUGS_WALK } from './bugs_walk.js';
import type { Mutant } from './mutant.js';

export const MUTANTS: readonly Mutant[] = [
	...BUGS_PTE,
	...BUGS_LEAF,
	...BUGS_FOLIO,
	...BUGS_WALK,
	...BENIGN_CHECKS,
	...BENIGN_SHAPE,
	...BENIGN_FORMS,
];
