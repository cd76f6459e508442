/** Names of registers that stand for something else than a local of the text: what they begin with. */

/** A variable whose value nobody fixed: any value. */
export const NOT_FIXED = 'any ';
/** The address of such a variable, which no world has. */
export const NOWHERE = 'where ';
