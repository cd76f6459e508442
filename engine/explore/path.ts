/** A run as the vector of its choices, and its short text form. */
import type { Choice } from './model.js';

export type Path = readonly Choice[];
