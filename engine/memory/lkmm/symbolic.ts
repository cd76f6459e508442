/**
 * Numbers that stand for values out of thin air: what plain copies hand round in a circle, nobody having written it.
 */

/** Values from here on are symbolic. */
export const SYMBOLIC_BASE = 2 ** 51;
