/**
 * `racewalk export ID --as …`: a run from elsewhere as a document. Whatever it is, it says which run it is, whether it was replayed as
 * it was, and how to replay it again.
 */
import { unreachable } from '../../../engine/base/unreachable.js';
import {
	asMarkdown,
	codeBlock,
	heading,
	item,
	lines,
	md,
	paragraphs,
} from '../../../engine/escape/markdown.js';
import { type Terminal, terminalLines } from '../../../engine/escape/terminal.js';
import { runDot, runSvg } from '../../ide/run_drawing.js';
import { runLitmus } from '../../ide/run_litmus.js';
import { traceMarkdown } from '../../ide/trace_content.js';
import { complain, print, printPage } from '../write.js';
import { contentOf, type Exported } from './exported.js';
import type { ExportOptions } from './kinds.js';
import { laterSteps } from './later.js';
import { runMail } from './mail.js';
import { runPage } from './page.js';
import { replayed } from './replaying.js';
import { reproKit } from './repro/kit.js';
import type { KitSubject } from './repro/subject.js';
import { sameness } from './show.js';

/** Exit status: 0 it was printed, 3 there is no such run, it is another one, or it cannot be said so. */
export async function runExport(
	word: string,
	file: string | undefined,
	options: ExportOptions,
): Promise<number> {
	const shown = await replayed(word, file, { ...options, neighbour: options.as === 'html' });
	const { run } = shown;
	for (const what of shown.differs) complain(what);
	if (run === null) {
		complain(`no such run here: ${shown.why}`);
		return 3;
	}
	const why = await printed({ ...shown, run }, options);
	if (why !== null) complain(why);
	if (!shown.isSame) complain(sameness(shown));
	return shown.isSame && !shown.isUntrusted && why === null ? 0 : 3;
}

/** Prints it; why not, where it cannot be said so. */
async function printed(shown: Exported, { as, budget }: ExportOptions): Promise<string | null> {
	const { trace, finding } = shown.run;
	const title = `${shown.made.function}: ${finding?.rule ?? 'a run'}, ${trace.scenario}`;
	switch (as) {
		case 'mail':
			print(runMail(shown));
			return null;
		case 'markdown':
			print(markdown(shown));
			return null;
		case 'svg':
			print(terminalLines(runSvg(title, trace).text));
			return null;
		case 'dot':
			print(terminalLines(finding?.drawing ?? runDot(title, trace).text));
			return null;
		case 'litmus':
			return litmus(shown, title);
		case 'html':
			printPage(runPage(shown));
			return null;
		case 'repro':
			return repro({ ...shown, later: await laterSteps(shown, budget) });
		default:
			return unreachable(as);
	}
}

function litmus({ made, run: { finding, trace } }: Exported, title: string): string | null {
	if (finding?.litmus !== undefined) {
		print(terminalLines(finding.litmus));
		return null;
	}
	if (made.run.includes(':lkmm.'))
		return 'a run under lkmm has a litmus test only where it breaks a rule and the test was found';
	const test = runLitmus(title.split(',')[0] ?? 'run', trace);
	if ('why' in test) return test.why;
	print(terminalLines(test.text));
	return null;
}

function repro(shown: KitSubject): string | null {
	const kit = reproKit(shown);
	if ('why' in kit) return kit.why;
	for (const what of kit.left) complain(what);
	print(terminalLines(kit.patch));
	return null;
}

function markdown(shown: Exported): Terminal {
	const content = contentOf(shown);
	const rest = paragraphs([
		heading('Replay it'),
		sameness(shown),
		...(shown.differs.length === 0 ? [] : [lines(shown.differs.map((d) => item(md`${d}`)))]),
		codeBlock(`racewalk show '${shown.id}'`),
	]);
	return terminalLines(`${traceMarkdown(content)}\n${asMarkdown(rest)}\n`);
}
