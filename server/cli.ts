/**
 * The command `racewalk`: words, options and exit codes of the command line. Each command's work is loaded when it is
 * asked for, so that `--help` and `--version` cost nothing.
 *
 * Invariant: findings go to standard output; progress and problems of the tool go to standard error.
 */
import { Argument, Command, CommanderError, Help, InvalidArgumentError, Option } from 'commander';
import { AttachProblem } from '../engine/base/attach_problem.js';
import { WHAT_IF_NAMES, WHAT_IF_WORDS } from '../engine/check/what_ifs.js';
import { terminal, terminalLines } from '../engine/escape/terminal.js';
import type { ActorsOptions } from './cli/actors.js';
import type { CheckOptions } from './cli/check.js';
import { SHELLS, type Shell } from './cli/completion.js';
import { documented } from './cli/documented.js';
import { ARCH_HELP, COMMAND_NAMES, helpBelow, helpOfAll } from './cli/help.js';
import type { ReportOptions } from './cli/kernel_report/command.js';
import type { LitmusOptions } from './cli/litmus.js';
import type { McpOptions } from './cli/mcp/command.js';
import type { MergeOptions } from './cli/merge.js';
import { type CommonOptions, UsageError } from './cli/options.js';
import type { BisectOptions } from './cli/review/bisect.js';
import type { ReviewCommandOptions } from './cli/review/command.js';
import { EXPORTS, type ExportOptions } from './cli/run/kinds.js';
import type { ShowOptions } from './cli/run/show.js';
import { type Shard, shardIn } from './cli/shard.js';
import type { SimulateOptions } from './cli/simulate.js';
import { KERNELS, VERSION } from './cli/version.js';
import { complain, print, writeHelp } from './cli/write.js';

function collect(value: string, before: readonly string[]): readonly string[] {
	return [...before, ...value.split(',').filter((part) => part !== '')];
}

function seconds(value: string): number {
	const parsed = Number(value);
	if (!(parsed > 0)) throw new InvalidArgumentError('a number of seconds above 0 is needed');
	return parsed;
}

function shard(value: string): Shard {
	const parsed = shardIn(value);
	if (parsed === null) throw new InvalidArgumentError('I/N is needed: part I of N, such as 1/4');
	return parsed;
}

function common(command: Command, formats: readonly string[] = []): Command {
	return command
		.option('--tree <dir>', 'kernel tree the file belongs to (default: found by walking up)')
		.option('--as <path>', 'path in the tree that the file stands for')
		.option('--arch <name>', ARCH_HELP, collect, [])
		.option('--config <file>', "a kernel's .config")
		.option('--set <assignment>', 'CONFIG_X=y|n (repeatable)', collect, [])
		.addOption(new Option('--memory <model>', 'memory model').choices(['sc', 'lkmm']).default('sc'))
		.option('--actor <name>', 'adversary (repeatable; default: all)', collect, [])
		.option(
			'--trust-workspace-actors',
			"adversaries of .racewalk/actors may act in the place of racewalk's own",
		)
		.option('--function <name>', 'report this function only (repeatable)', collect, [])
		.addOption(
			new Option('--format <format>', 'output format')
				.choices(['text', 'json', 'sarif', 'github', ...formats])
				.default('text'),
		)
		.addOption(
			new Option('--depth <depth>', 'common scenarios only, or the rarer ones too')
				.choices(['core', 'all'])
				.default('all'),
		)
		.option('--budget <seconds>', 'time limit per file and configuration', seconds)
		.addOption(color());
}

/** What replays a run from elsewhere takes; all else stands in the id. */
function replay(command: Command): Command {
	return command
		.argument('<id>', 'the portable id that simulate and show print')
		.argument('[file]', 'the file, where it is not at its path in the tree')
		.option('--tree <dir>', 'kernel tree to replay on (default: that of the current folder)')
		.option('--config <file>', "a kernel's .config, where the run was made under one")
		.addOption(scenario())
		.option(
			'--trust-workspace-actors',
			"adversaries of .racewalk/actors may act in the place of racewalk's own, if the id says so",
		)
		.option('--budget <seconds>', 'time limit', seconds)
		.addOption(color());
}

function color(): Option {
	return new Option('--color <when>', 'colour the text')
		.choices(['auto', 'never', 'always'])
		.default('auto');
}

function whatIf(): Option {
	const names = WHAT_IF_NAMES.map((name) => `${name}: ${WHAT_IF_WORDS[name].help}`);
	return new Option(
		'--what-if <name>',
		`take a protection away and see what breaks (repeatable): ${names.join('; ')}`,
	)
		.argParser(collect)
		.default([], '');
}

function configMatrix(): Option {
	return new Option('--config-matrix', 'also once per relevant CONFIG_ symbol, with it flipped');
}

function baseline(): Option {
	return new Option(
		'--baseline <file>',
		'findings that are known: they are told apart and do not count',
	);
}

function updateBaseline(): Option {
	return new Option('--update-baseline', 'write what is found to the file of --baseline');
}

function scenario(): Option {
	return new Option(
		'--scenario <file>',
		'a .litmus file whose threads but P0 are the adversary (with --memory lkmm)',
	);
}

function program(argv: readonly string[], finish: (code: number) => void): Command {
	const racewalk = new Command('racewalk')
		.description("explores the races of lockless page-table walks in the kernel's C")
		.version(`${VERSION}\nknows the protocols of kernels ${KERNELS}`)
		.showHelpAfterError('(racewalk --help tells more)')
		.exitOverride()
		.hook('preAction', async () => {
			const { parserLoaded } = await import('./syntax/tree_sitter.js');
			await parserLoaded();
		});
	common(racewalk.command('check'))
		.description('check the lockless walkers found in the files')
		.argument('<file...>', 'C files; - for standard input')
		.addOption(scenario())
		.addOption(whatIf())
		.addOption(configMatrix())
		.option('--coverage', 'also print reached and unreached lines')
		.addOption(baseline())
		.addOption(updateBaseline())
		.addOption(
			new Option('--shard <i/n>', 'this part of the files and configurations, for merge').argParser(
				shard,
			),
		)
		.action(async (files: readonly string[], options: CheckOptions) => {
			const { runCheck } = await import('./cli/check.js');
			finish(await runCheck(files, options));
		});
	racewalk
		.command('merge')
		.description('the shards of a check as one report; or several logs of SARIF as one')
		.argument('<file...>', 'what check --shard printed, of every shard; or logs of SARIF')
		.addOption(
			new Option('--format <format>', 'output format')
				.choices(['text', 'json', 'sarif', 'github'])
				.default('text'),
		)
		.option('--coverage', 'also print reached and unreached lines')
		.addOption(baseline())
		.addOption(updateBaseline())
		.addOption(color())
		.action(async (files: readonly string[], options: MergeOptions) => {
			const { runMerge } = await import('./cli/merge.js');
			finish(await runMerge(files, options));
		});
	common(racewalk.command('review'), ['markdown'])
		.description('what patches or commits change: verdicts before and after each, new findings')
		.argument(
			'[patch...]',
			'patches or an mbox, - for standard input, or a range of commits (HEAD~3..)',
		)
		.option('--staged', 'what is staged in git, instead of patches')
		.option('--also <file>', 'look at this file, too (repeatable)', collect, [])
		.option('--guards', 'also whether guards become needed or needless (slow)')
		.option('--claims', 'also whether comments become true or false')
		.option('--texts', 'with --format json: also the text of each file before and after')
		.addOption(baseline())
		.addOption(updateBaseline())
		.action(async (names: readonly string[], options: ReviewCommandOptions) => {
			const { askedNames, runReview } = await import('./cli/review/command.js');
			finish(await runReview(askedNames(names, argv), options));
		});
	common(racewalk.command('bisect'))
		.description('the first commit of a range with a finding, by the verdicts of its commits')
		.argument('<good..bad>', 'a commit without the finding, and a later one with it')
		.option('--rule <id>', 'the rule that the finding breaks (default: any)')
		.option('--file <path>', 'the file of the tree that is checked', 'mm/gup.c')
		.action(async (range: string, options: BisectOptions) => {
			const { runBisect } = await import('./cli/review/bisect.js');
			finish(await runBisect(range, options));
		});
	common(racewalk.command('simulate'), ['dot'])
		.description('explore one function, print the shortest violating run, or a witness run')
		.argument('<file:function>', 'what to simulate')
		.addOption(scenario())
		.addOption(whatIf())
		.option('--rule <id>', 'a run that breaks this rule')
		.option('--trace <id>', 'replay this run')
		.action(async (subject: string, options: SimulateOptions) => {
			const { runSimulate } = await import('./cli/simulate.js');
			finish(await runSimulate(subject, options));
		});
	common(racewalk.command('report'))
		.description('what a report of KCSAN, KASAN, lockdep or WARN() in a kernel log comes from')
		.argument('<file>', 'a log with reports; - for standard input')
		.option(
			'--map <file>',
			'the System.map of the kernel that reported, for addresses without symbols',
		)
		.action(async (file: string, options: ReportOptions) => {
			const { runReport } = await import('./cli/kernel_report/command.js');
			finish(await runReport(file, options));
		});
	replay(racewalk.command('show'))
		.description('replay a run by its portable id, and say what differs from where it was made')
		.addOption(
			new Option('--format <format>', 'output format').choices(['text', 'json']).default('text'),
		)
		.action(async (id: string, file: string | undefined, options: ShowOptions) => {
			const { runShow } = await import('./cli/run/show.js');
			finish(await runShow(id, file, options));
		});
	replay(racewalk.command('export'))
		.description('a run by its portable id, as a document')
		.addOption(
			new Option('--as <kind>', 'what to make of it').choices(EXPORTS).makeOptionMandatory(),
		)
		.action(async (id: string, file: string | undefined, options: ExportOptions) => {
			const { runExport } = await import('./cli/run/export.js');
			finish(await runExport(id, file, options));
		});
	common(racewalk.command('guards'))
		.description('why each guard of the walks is there: what breaks without it')
		.argument('<file...>', 'C files; - for standard input')
		.action(async (files: readonly string[], options: CommonOptions) => {
			const { runGuards } = await import('./cli/guards.js');
			finish(await runGuards(files, options));
		});
	common(racewalk.command('explain'))
		.description('the hover text of a line, as Markdown')
		.argument('<file:line[:col]>', 'the place')
		.addOption(whatIf())
		.addOption(configMatrix())
		.action(async (place: string, options: CommonOptions) => {
			const { runExplain } = await import('./cli/explain.js');
			finish(await runExplain(place, options));
		});
	common(racewalk.command('claims'))
		.description("check what the comments of a walk's functions claim, as far as it can be decided")
		.argument('<file...>', 'C files; - for standard input')
		.addOption(whatIf())
		.action(async (files: readonly string[], options: CommonOptions) => {
			const { runClaims } = await import('./cli/claims.js');
			finish(await runClaims(files, options));
		});
	common(racewalk.command('facts'))
		.description(
			'what tree, architecture and configuration decide, and the definitions that say so',
		)
		.argument('[file]', "a C file (default: the tree's mm/gup.c)")
		.action(async (file: string | undefined, options: CommonOptions) => {
			const { runFacts } = await import('./cli/facts.js');
			finish(await runFacts(file, options));
		});
	racewalk
		.command('actors')
		.description('the adversaries: what they do, where they act, what each step stands for')
		.option('--tree <dir>', 'kernel tree in which the cited functions are looked up')
		.option('--verify', 'report what the tree does not have where it is cited, or does otherwise')
		.option('--arch <name>', `with --verify: ${ARCH_HELP}`, collect, [])
		.option('--set <assignment>', 'with --verify: CONFIG_X=y|n (repeatable)', collect, [])
		.option('--actor <name>', 'this adversary only (repeatable)', collect, [])
		.addOption(
			new Option('--format <format>', 'output format').choices(['text', 'json']).default('text'),
		)
		.action(async (options: ActorsOptions) => {
			const { runActors } = await import('./cli/actors.js');
			finish(await runActors(options));
		});
	racewalk
		.command('litmus')
		.description('run LKMM litmus tests')
		.argument('<file...>', '.litmus files')
		.option('--tree <dir>', 'kernel tree whose memory model is used (default: built in)')
		.addOption(
			new Option('--format <format>', 'output format (dot and svg with --explain)')
				.choices(['text', 'json', 'dot', 'svg'])
				.default('text'),
		)
		.option('--budget <seconds>', 'time limit per test', seconds)
		.option(
			'--explain',
			'say why: an execution, or the cycle that forbids it, and the weakest barrier',
		)
		.action(async (files: readonly string[], options: LitmusOptions) => {
			const { runLitmusCommand } = await import('./cli/litmus.js');
			finish(await runLitmusCommand(files, options));
		});
	racewalk
		.command('lsp')
		.description('the language server')
		.option('--stdio', 'talk over standard input and output')
		.action(async () => {
			// Not a literal: the server is a bundle of its own, loaded only here.
			const server = new URL(
				import.meta.url.endsWith('.ts') ? './main.ts' : './server.js',
				import.meta.url,
			);
			await import(server.href);
		});
	racewalk
		.command('dap')
		.description('a debugger on runs, for editors that speak the Debug Adapter Protocol')
		.option('--stdio', 'talk over standard input and output')
		.action(async () => {
			const { runDap } = await import('./cli/dap.js');
			finish(await runDap());
		});
	racewalk
		.command('mcp')
		.description('the commands as tools for machines that review (Model Context Protocol)')
		.option('--stdio', 'talk over standard input and output')
		.option(
			'--tree <dir>',
			'kernel tree that calls are about (default: that of the current folder)',
		)
		.option('--config <file>', "a kernel's .config")
		.option('--budget <seconds>', 'time limit of a call (default: 50)', seconds)
		.option(
			'--trust-workspace-actors',
			"adversaries of .racewalk/actors may act in the place of racewalk's own",
		)
		.action(async (options: McpOptions) => {
			const { runMcp } = await import('./cli/mcp/command.js');
			finish(await runMcp(options));
		});
	racewalk
		.command('completion')
		.description('what a shell is to read to complete the words of this command')
		.addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
		.action(async (shell: Shell) => {
			const { completionFor } = await import('./cli/completion.js');
			print(terminalLines(completionFor(shell, documented(racewalk, described))));
			finish(0);
		});
	racewalk
		.command('man')
		.description('the manual page, as the source that man reads')
		.action(async () => {
			const { manPage } = await import('./cli/man.js');
			print(terminalLines(manPage(documented(racewalk, described))));
			finish(0);
		});
	racewalk.addHelpText('after', helpOfAll());
	for (const name of COMMAND_NAMES)
		racewalk.commands.find((c) => c.name() === name)?.addHelpText('after', helpBelow(name));
	for (const command of [racewalk, ...racewalk.commands]) {
		command
			.exitOverride()
			.configureOutput({ writeErr: writeHelp })
			.configureHelp({ optionDescription: described });
	}
	return racewalk;
}

/** What `--help` says of an option: that a list begins empty is no news. */
function described(option: Option): string {
	return new Help().optionDescription(option).replace(/ ?\(default: \[\]\)$/, '');
}

async function main(argv: readonly string[]): Promise<void> {
	let code: number | null = null;
	try {
		await program(argv, (finished) => {
			code = finished;
		}).parseAsync([...argv]);
	} catch (error) {
		if (error instanceof CommanderError) code = error.exitCode === 0 ? 0 : 2;
		else if (error instanceof UsageError || error instanceof AttachProblem) {
			complain(error.message);
			code = 2;
		} else {
			const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
			complain(terminal`internal error, please report it: ${terminalLines(what)}`);
			code = 2;
		}
	}
	if (code !== null) process.exitCode = code;
}

// whoever closed the pipe knows why, and has not got all of it
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
	if (error.code !== 'EPIPE') complain(`cannot write the output: ${error.message}`);
	process.exit(2);
});
// there is nowhere left to say it
process.stderr.on('error', () => process.exit(2));
await main(process.argv);
