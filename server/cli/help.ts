/**
 * What `--help` of every command says below its options: what its exit status means, and an example. Data, so that no command
 * is without.
 */
import { ARCHS } from '../../engine/program/arch.js';

/** What a command is called. */
export const COMMAND_NAMES = [
	'check',
	'merge',
	'review',
	'bisect',
	'simulate',
	'report',
	'show',
	'export',
	'guards',
	'explain',
	'claims',
	'facts',
	'actors',
	'litmus',
	'lsp',
	'dap',
	'mcp',
	'completion',
	'man',
] as const;

export type CommandName = (typeof COMMAND_NAMES)[number];

interface HelpRow {
	/** What 0, 1 and 3 mean; a command has no others, and 2 is the same for all. */
	readonly status: Partial<Record<0 | 1 | 3, string>>;
	readonly examples: readonly [string, ...string[]];
}

const HELP: Readonly<Record<CommandName, HelpRow>> = {
	check: {
		status: {
			0: 'no finding, and everything was decided',
			1: 'at least one finding',
			3: 'no finding, but something is undecided (inconclusive or unsupported)',
		},
		examples: [
			'check mm/gup.c',
			'check --arch all --format github mm/gup.c',
			'check --arch all --shard 1/4 --format json mm/*.c > 1.json',
		],
	},
	merge: {
		status: {
			0: 'no finding, and everything was decided',
			1: 'at least one finding',
			3: 'no finding, but something is undecided (inconclusive or unsupported)',
		},
		examples: [
			"parallel 'racewalk check --arch all --shard {}/4 --format json mm/*.c > {}.json' ::: 1 2 3 4",
			'merge --format sarif 1.json 2.json 3.json 4.json',
		],
	},
	review: {
		status: {
			0: 'no new finding after any of the patches, and what they touch was decided',
			1: 'at least one new finding',
			3: 'no new finding, but something that a patch touches is undecided',
		},
		examples: [
			'review 0001-mm-gup-read-the-entry-once.patch --tree linux',
			'b4 am -o - MESSAGE-ID | racewalk review - --tree linux',
			'review HEAD~3..',
		],
	},
	bisect: {
		status: {
			0: 'the first commit with the finding is known',
			3: 'it is one of several, because commits in between are undecided',
		},
		examples: ['bisect --rule stale-pin --function gup_fast_pte_range v6.11..v6.12'],
	},
	simulate: {
		status: {
			0: 'a run without a violation, of a function that holds',
			1: 'a run that breaks a rule',
			3: 'no run, or one of a function that is undecided',
		},
		examples: ['simulate mm/gup.c:gup_fast_pte_range --what-if no-recheck'],
	},
	report: {
		status: {
			0: 'every report is benign: no explored run is changed by it',
			1: 'a report is explained by a run',
			3: 'a report is not explained by any run, not modelled, or undecided',
		},
		examples: [
			'report dmesg.txt --tree linux',
			'dmesg | racewalk report - --tree linux --map System.map',
		],
	},
	show: {
		status: {
			0: 'the run of the id, which breaks no rule',
			1: 'the run of the id, which breaks a rule',
			3: 'there is no such run here, or it does something else than when the id was made',
		},
		examples: ["show --tree linux 'rw1:path=mm/gup.c:function=gup_fast_pte_range:…'"],
	},
	export: {
		status: {
			0: 'the run of the id was printed',
			3: 'there is no such run here, it does something else, or it cannot be said so',
		},
		examples: [
			"export --tree linux --as html 'rw1:path=mm/gup.c:…' > run.html",
			"export --tree linux --as repro 'rw1:path=mm/gup.c:…' > repro.patch",
		],
	},
	guards: {
		status: { 0: 'every guard was decided', 3: 'a guard or a function of the walk is undecided' },
		examples: ['guards mm/gup.c --function gup_fast_pte_range --budget 60'],
	},
	explain: {
		status: { 0: 'it was explained', 3: 'the function that the line lies in is undecided' },
		examples: ['explain mm/gup.c:2984'],
	},
	claims: {
		status: {
			0: 'no claim is false or undecided',
			1: 'at least one claim is false',
			3: 'no claim is false, but some are undecided',
		},
		examples: ['claims mm/gup.c'],
	},
	facts: {
		status: { 0: 'they were read', 3: 'they were given up' },
		examples: ['facts --tree linux --arch s390x'],
	},
	actors: {
		status: {
			0: 'they were listed',
			1: 'with --verify: the tree lacks something that is cited, or does it otherwise',
		},
		examples: ['actors --verify --tree linux'],
	},
	litmus: {
		status: {
			0: 'every test was decided, as its Result: line says',
			1: 'a result differs from the Result: line',
			3: 'a test is undecided',
		},
		examples: ['litmus tools/memory-model/litmus-tests/*.litmus', 'litmus --explain MP.litmus'],
	},
	lsp: { status: { 0: 'the client ended it' }, examples: ['lsp --stdio'] },
	completion: {
		status: { 0: 'it was printed' },
		examples: ['completion bash > ~/.local/share/bash-completion/completions/racewalk'],
	},
	man: {
		status: { 0: 'it was printed' },
		examples: ['man | man --local-file -'],
	},
	mcp: {
		status: { 0: 'the client ended it' },
		examples: ['mcp --tree linux --budget 120'],
	},
	dap: { status: { 0: 'the client ended it' }, examples: ['dap --stdio'] },
};

const FAILED = 'bad usage, unreadable input, or output that could not be written';

/** What stands below the options of a command. */
export function helpBelow(name: CommandName): string {
	const { status, examples } = HELP[name];
	const rows = Object.entries({ ...status, 2: FAILED }).sort(([a], [b]) => Number(a) - Number(b));
	return [
		'',
		'Exit status:',
		...rows.map(([code, what]) => `  ${code}  ${what}`),
		'',
		examples.length === 1 ? 'Example:' : 'Examples:',
		...examples.map((example) =>
			/racewalk (?!\|)/.test(example) ? `  ${example}` : `  racewalk ${example}`,
		),
	].join('\n');
}

/** What stands below the list of commands. */
export function helpOfAll(): string {
	const { status, examples } = HELP.check;
	const rows = Object.entries({ ...status, 2: FAILED }).sort(([a], [b]) => Number(a) - Number(b));
	return [
		'',
		`Architectures: ${ARCHS.join(', ')}`,
		'',
		'Exit status of check; racewalk COMMAND --help has that of the others:',
		...rows.map(([code, what]) => `  ${code}  ${what}`),
		'',
		'Examples:',
		...[...examples.slice(0, 2), ...HELP.review.examples.slice(0, 1), ...HELP.explain.examples].map(
			(example) => `  racewalk ${example}`,
		),
	].join('\n');
}

/** The words of `--arch`, which names what there is. */
export const ARCH_HELP = `architecture, several with commas, or all (${ARCHS.join(', ')})`;
