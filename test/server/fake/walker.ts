/**
 * The text the stand-in engine is given: what it says of it is decided by the words in it.
 */

/** A walker in our own words: takes a reference, looks at the entry again only when `recheck` says so. */
export function walker(
	options: { readonly recheck?: boolean; readonly more?: string } = {},
): string {
	const recheck = `\tif (pte_val(pte) != pte_val(*ptep)) {
		folio_put(folio);
		return 0;
	}
`;
	return `static int walk(pte_t *ptep, struct page **pages, int *nr)
{
	pte_t pte = READ_ONCE(*ptep);
	struct folio *folio;

	${options.more ?? ''}
	folio = grab(pte);
	if (!folio)
		return 0;

${options.recheck === true ? recheck : ''}	pages[*nr] = folio;
	(*nr)++;
	return 1;
}
`;
}
