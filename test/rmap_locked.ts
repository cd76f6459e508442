/** An edit of mm/rmap.c that two tests make: the folio's lock is asserted, and `->mapping` is not read again. */
import type { Edit } from './kernel_text.js';

export const RMAP_LOCKED: Edit = {
	in: 'folio_lock_anon_vma_read',
	find: /retry:([\s\S]*?)if \(unlikely\(\(unsigned long\)READ_ONCE\(folio->mapping\) !=\s*anon_mapping\)\) \{\s*up_read/,
	put: `VM_WARN_ON_FOLIO(!folio_test_locked(folio), folio);
retry:
	rcu_read_lock();
	anon_mapping = (unsigned long)READ_ONCE(folio->mapping);
	if ((anon_mapping & PAGE_MAPPING_FLAGS) != PAGE_MAPPING_ANON || !folio_mapped(folio))
		goto out;
	anon_vma = (struct anon_vma *)(anon_mapping - PAGE_MAPPING_ANON);
	root_anon_vma = READ_ONCE(anon_vma->root);
	if (down_read_trylock(&root_anon_vma->rwsem)) {
		if (0) {
			up_read`,
};
