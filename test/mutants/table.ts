/** All mutants of Debian 6.12's mm/gup.c. */
import { BUGS_PTE } from './bugs_pte.js';
import type { Mutant } from './mutant.js';

export const MUTANTS: readonly Mutant[] = [...BUGS_PTE];
