/**
 * Test files that `npm test` leaves to `npm test -- all` (and `npm test -- long`): they check many edits of whole kernels, start a
 * process for each case, or let time pass, and would make it longer than eight minutes.
 */
export const LONG_SUITES = [
	'test/conformance/random.test.ts',
	'test/fuzz/fuzz.test.ts',
	'test/hostile/commands.test.ts',
	'test/mutants/lowered/smoke.test.ts',
	'test/mutants/lowered/weak.test.ts',
	'test/mutants/smoke.test.ts',
	'test/server/bad_input.test.ts',
	'test/server/cli.test.ts',
	'test/server/cli_configurations.test.ts',
	'test/server/cli_questions.test.ts',
	'test/server/deep_worlds.test.ts',
	'test/server/exit_codes.test.ts',
	'test/server/fix_search.test.ts',
	'test/server/history.test.ts',
	'test/server/hostile_lsp.test.ts',
	'test/server/hover_length.test.ts',
	'test/server/litmus_budget.test.ts',
	'test/server/lkmm_walk.test.ts',
	'test/server/questions.test.ts',
	'test/server/reader_edits.test.ts',
	'test/server/reader_leaves.test.ts',
	'test/server/readers.test.ts',
	'test/server/real_trees_arch.test.ts',
	'test/server/rules_oracle.test.ts',
	'test/server/scenario_memo.test.ts',
	'test/server/walk_properties.test.ts',
	'test/server/what_if.test.ts',
];
