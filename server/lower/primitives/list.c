/*
 * Lists and trees that no walk or reader follows: include/linux/list.h, include/linux/rbtree.h.
 *
 * Model: a list of a world is empty; going on to a second element is not part of the model, and what is added to a list or
 * taken off one changes nothing. Loses whatever readers do with elements.
 */
struct hlist_head {
	void *first;
};
struct list_head {
	struct list_head *next;
	struct list_head *prev;
};
#define hlist_empty(head) (!__rw_load(once, &(head)->first))
#define hlist_for_each_entry(pos, head, member) \
	for ((pos) = (void *)__rw_load(once, &(head)->first); (pos); (pos) = (void *)__rw_intrinsic(next_in_list, (pos)))
#define hlist_del(node) do { } while (0)
#define hlist_del_init(node) do { } while (0)
#define list_del(entry) do { } while (0)
#define list_del_init(entry) do { } while (0)
#define rb_erase(node, root) do { } while (0)
#define ERR_PTR(error) ((void *)(long)(error))
