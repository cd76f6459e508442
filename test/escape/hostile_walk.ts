/**
 * Walks and litmus tests whose every comment, string and name says what is given: the ways in which text of a workspace
 * reaches what people read. They mean the same as without.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));

/** What can stand in a comment of C on one line. */
function commentOf(text: string): string {
	return `/*${text.replaceAll('*/', '* /').replace(/[\r\n]/g, ' ')}*/`;
}

/** A walk of the fixtures with hostile comments inside its calls and conditions, above them and in its claims. */
export function hostileWalk(name: string, texts: readonly string[]): string {
	let next = 0;
	const comment = (): string => commentOf(texts[next++ % texts.length] ?? '');
	return readFileSync(`${fixtures}/${name}`, 'utf8')
		.split('\n')
		.filter((line) => !/^\s*\/\/\s*\^/.test(line))
		.map((line) =>
			/^\s.*[;{]$|^\s.*\|\|$/.test(line) && !line.includes('/*')
				? line
						.replace(/(?<=\w)\((?=\w)/g, () => `(${comment()}`)
						.replace(/(?<=\bif )\((?=.)/, () => `(${comment()}`)
				: line,
		)
		.join('\n');
}

/** Message passing under a hostile name, with hostile comments, a location and a result that say it too. */
export function hostileLitmus(text: string): string {
	const line = text
		.replace(/[\r\n]/g, ' ')
		.replaceAll('*)', '* )')
		.replaceAll('(*', '( *');
	return `C mp ${line}
(* Result: ${line} *)
{}
P0(int *data, int *flag)
{
	WRITE_ONCE(*data, 1); ${commentOf(text)}
	WRITE_ONCE(*flag, 1);
}
P1(int *data, int *flag)
{
	int r0 = READ_ONCE(${commentOf(text)}*flag);
	int r1 = READ_ONCE(*data);
}
exists (1:r0=1 /\\ 1:r1=0)
`;
}
