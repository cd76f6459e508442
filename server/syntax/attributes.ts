/**
 * Words of kernel C that tell compilers and checkers things which do not change what runs. The preprocessor blanks
 * them so that the grammar, which does not know them, is left with plain C.
 */

/** Words that stand alone. */
export const attributeWords: readonly string[] = [
	'__must_check', '__maybe_unused', '__always_unused', '__user', '__kernel', '__iomem', '__percpu', '__rcu', '__force',
	'__bitwise', '__private', '__nocast', '__safe', 'noinline', 'noinline_for_stack', '__always_inline', '__inline',
	'__inline__', '__init', '__exit', '__initdata', '__exitdata', '__meminit', '__ref', '__refdata', '__cold', '__hot',
	'__pure', '__weak', '__used', '__unused', '__visible', '__sched', '__latent_entropy', '__noreturn', '__packed',
	'__read_mostly', '__ro_after_init', '__cacheline_aligned', '__cacheline_aligned_in_smp', '____cacheline_aligned',
	'____cacheline_aligned_in_smp', '____cacheline_internodealigned_in_smp', '__randomize_layout', '__no_sanitize_address', '__no_kcsan', '__no_kasan_or_inline',
	'__no_sanitize_or_inline', '__no_kmsan_checks', '__no_sanitize_memory', '__attribute_const__', '__attribute_pure__', '__flatten', 'notrace', 'noinstr', 'asmlinkage',
	'__malloc', '__no_profile', '__nonstring', '__designated_init', '__extension__', 'randomized_struct_fields_start', 'randomized_struct_fields_end', '__signed', '__cpuidle', '__deprecated', 'inline_for_stack', '_Noreturn', '__restrict', '__volatile', 'fallthrough_unused',
];

/** Words followed by an argument list that goes with them; a following `;` stays. */
export const attributeCalls: readonly string[] = [
	'__attribute__', '__attribute', '__printf', '__scanf', '__aligned', '__alloc_size', '__acquires', '__releases', '__must_hold', '__acquire', '__release',
	'__cond_acquires', '__counted_by', '__section', '__context__', '__realloc_size', '__noendbr', '__pointer_guarded_by', '__guarded_by', '__no_context_analysis', '__cond_lock_unused',
	'__diag_push', '__diag_pop', '__diag_ignore_all', '__diag_ignore', '_Alignas',
];

/** Words that are a whole top-level item together with argument list and `;`. */
export const attributeItems: readonly string[] = [
	'EXPORT_SYMBOL', 'EXPORT_SYMBOL_GPL', 'EXPORT_SYMBOL_NS', 'EXPORT_SYMBOL_NS_GPL', 'EXPORT_SYMBOL_FOR_MODULES', 'EXPORT_PER_CPU_SYMBOL', 'EXPORT_PER_CPU_SYMBOL_GPL',
	'EXPORT_TRACEPOINT_SYMBOL', 'EXPORT_TRACEPOINT_SYMBOL_GPL', 'ALLOW_ERROR_INJECTION', 'NOKPROBE_SYMBOL', 'MODULE_LICENSE', 'MODULE_AUTHOR', 'MODULE_DESCRIPTION',
	'ANNOTATE_NOENDBR_SYM', 'DECLARE_PER_CPU', 'DECLARE_STATIC_KEY_FALSE', 'DECLARE_STATIC_KEY_TRUE', 'DECLARE_STATIC_KEY_MAYBE',
];
