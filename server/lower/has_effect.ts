/** Whether evaluating an expression may do something (a call, an assignment, a plain read of memory), by its form alone; lowers nothing. */

const effects: ReadonlySet<string> = new Set(['call', 'assign', 'update', 'block', 'unparsed']);

/** Whether evaluating the expression may do more than compute a value. */
export function hasEffect(node: unknown): boolean {
	if (Array.isArray(node)) return node.some(hasEffect);
	if (node === null || typeof node !== 'object') return false;
	const { kind } = node as { readonly kind?: unknown };
	if (typeof kind === 'string' && effects.has(kind)) return true;
	if (kind === 'sizeof-expression' || kind === 'sizeof-type') return false;
	return Object.values(node).some(hasEffect);
}
