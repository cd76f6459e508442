/**
 * Patches as they come: mails, mboxes and bare diffs, whole or damaged, are read as what they change, or it is said why not.
 */
import { describe, expect, it } from 'vitest';
import { changedLines, hunksBetween } from '../../server/patch/changes.js';
import { diffPart } from '../../server/patch/diff_part.js';
import { patchesOf } from '../../server/patch/mail.js';
import { applied, filesOf, type Patch } from '../../server/patch/patch.js';

const OLD = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', ''].join('\n');
const NEW = OLD.replace('four', 'vier');
const HUNK = [
	'@@ -1,7 +1,7 @@',
	' one',
	' two',
	' three',
	'-four',
	'+vier',
	' five',
	' six',
	' seven',
];
const GIT = ['diff --git a/mm/x.c b/mm/x.c', 'index 1111111..2222222 100644'];
const DIFF = [...GIT, '--- a/mm/x.c', '+++ b/mm/x.c', ...HUNK].join('\n');
const FROM = 'From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001';

function mail(subject: string, body: string, more: readonly string[] = []): string {
	const head = ['From: A Developer <a@example.org>', `Subject: ${subject}`, ...more];
	return `${FROM}\n${head.join('\n')}\n\n${body}\n-- \n2.39.5\n\n`;
}

const BODY = `Why.\n\nSigned-off-by: A Developer <a@example.org>\n---\n mm/x.c | 2 +-\n 1 file changed\n\n${DIFF}`;

/** What a file of patches holds, a line each; `CHANGED`: the one above. */
async function held(text: string): Promise<readonly string[]> {
	const { patches, problems } = await patchesOf(text, 'x.patch');
	const shown = ({ title, files }: Patch): string =>
		`${title}: ${files.map((f) => `${f.from} → ${f.to} (${f.hunks.length}${f.isBinary ? ', binary' : ''})`).join('; ')}`;
	return [...patches.map(shown), ...problems];
}

const ONE = 'mm/x.c → mm/x.c (1)';

const READ: Readonly<Record<string, { readonly text: string; readonly held: readonly string[] }>> =
	{
		'git format-patch': { text: mail('[PATCH] mm: four', BODY), held: [`mm: four: ${ONE}`] },
		'a bare diff': { text: `${DIFF}\n`, held: [`x.patch: ${ONE}`] },
		'diff -u without git': {
			text: ['--- linux-1/mm/x.c\t2026-01-01', '+++ linux-2/mm/x.c\t2026-01-01', ...HUNK, ''].join(
				'\n',
			),
			held: [`x.patch: ${ONE}`],
		},
		'a subject over two lines, and line ends of mails': {
			text: mail('[PATCH v2 1/1] mm:\n four', BODY).replaceAll('\n', '\r\n'),
			held: [`mm: four: ${ONE}`],
		},
		'quoted-printable': {
			text: mail('[PATCH] mm: four', BODY.replaceAll('=', '=3D').replace('vier', 'v=\nier'), [
				'MIME-Version: 1.0',
				'Content-Type: text/plain; charset=utf-8',
				'Content-Transfer-Encoding: quoted-printable',
			]),
			held: [`mm: four: ${ONE}`],
		},
		'base64, and a subject in words': {
			text: mail('=?UTF-8?Q?[PATCH]_mm:_f=C3=BCnf?=', Buffer.from(`${BODY}\n`).toString('base64'), [
				'Content-Type: text/plain; charset=utf-8',
				'Content-Transfer-Encoding: base64',
			]),
			held: [`mm: fünf: ${ONE}`],
		},
		'an mbox in no order, with a cover letter and a reply': {
			text: [
				mail('[PATCH 0/2] mm: numbers', 'The cover letter.'),
				mail('[PATCH 2/2] mm: second', BODY),
				mail(
					'Re: [PATCH 1/2] mm: first',
					`> ${DIFF.replaceAll('\n', '\n> ')}\n\nBetter:\n\n${DIFF}`,
				),
				mail('[PATCH 1/2] mm: first', BODY),
			].join(''),
			held: [`mm: first: ${ONE}`, `mm: second: ${ONE}`],
		},
		'a body with a line that begins as a mail does': {
			text: mail(
				'[PATCH] mm: four',
				BODY.replace('Why.', 'Why.\n\nFrom here on it is clear: 10:30.'),
			),
			held: [`mm: four: ${ONE}`],
		},
		'a file that is made, one that is removed, one that is renamed, one that is binary': {
			text: [
				...[
					'diff --git a/mm/n.c b/mm/n.c',
					'new file mode 100644',
					'--- /dev/null',
					'+++ b/mm/n.c',
				],
				...['@@ -0,0 +1 @@', '+int n;'],
				...[
					'diff --git a/mm/o.c b/mm/o.c',
					'deleted file mode 100644',
					'--- a/mm/o.c',
					'+++ /dev/null',
				],
				...['@@ -1 +0,0 @@', '-int o;'],
				...[
					'diff --git a/mm/p.c b/mm/q.c',
					'similarity index 100%',
					'rename from mm/p.c',
					'rename to mm/q.c',
				],
				...[
					'diff --git a/d/l.png b/d/l.png',
					'index 11..22 100644',
					'GIT binary patch',
					'literal 3',
					'KcmZ',
				],
				'',
			].join('\n'),
			held: [
				'x.patch: null → mm/n.c (1); mm/o.c → null (1); mm/p.c → mm/q.c (0); d/l.png → d/l.png (0, binary)',
			],
		},
		'no patch': { text: mail('[PATCH 0/3] nothing', 'A cover letter.'), held: [] },
		'a hunk that is cut short': {
			text: DIFF.split('\n').slice(0, -3).join('\n'),
			held: ['x.patch: the hunk at line 5 is cut short or broken by line wrapping'],
		},
		'a hunk with a wrapped line': {
			text: `${DIFF.replace('\n five', '\nfive')}\n`,
			held: ['x.patch: the hunk at line 5 is cut short or broken by line wrapping'],
		},
		'a path that leads out': {
			text: `${DIFF.replaceAll('mm/x.c', '../../etc/passwd')}\n`,
			held: ["x.patch: '../../etc/passwd' is no path in a tree"],
		},
		'a path without a folder': {
			text: ['--- x.c', '+++ x.c', ...HUNK, ''].join('\n'),
			held: ["x.patch: 'x.c' names no folder: patches begin at the tree's root"],
		},
	};

describe('a file of patches', () => {
	it.each(Object.entries(READ))('is read: %s', async (_, { text, held: expected }) => {
		expect(await held(text)).toEqual(expected);
	});

	it('is applied as it was meant, whatever encoding the mail has', async () => {
		for (const name of ['git format-patch', 'quoted-printable', 'base64, and a subject in words']) {
			const { patches } = await patchesOf(READ[name]?.text ?? '', name);
			expect(applied(OLD, patches[0]?.files[0]?.hunks ?? [])).toBe(NEW);
		}
	});
});

describe('a hunk', () => {
	const parsed = filesOf(`${DIFF}\n`);
	const hunks = parsed.kind === 'files' ? (parsed.files[0]?.hunks ?? []) : [];

	it('is applied where its lines moved to', () => {
		expect(applied(`new\nnew\n${OLD}`, hunks)).toBe(`new\nnew\n${NEW}`);
	});

	it('is not applied where a line of its context differs', () => {
		expect(applied(OLD.replace('six', 'sechs'), hunks)).toBe(0);
	});

	it('says which of several does not apply', () => {
		const other = { oldStart: 8, oldLines: 1, newStart: 8, newLines: 1, lines: ['-acht', '+ocho'] };
		expect(applied(OLD, [...hunks, other])).toBe(1);
	});

	it('between two texts leads from one to the other, and its lines are those that changed', () => {
		const found = hunksBetween(OLD, NEW);
		expect(applied(OLD, found)).toBe(NEW);
		expect(found.flatMap(changedLines)).toEqual([4, 4]);
		expect(hunksBetween(OLD, OLD.replace('four', '\nfour')).flatMap(changedLines)).toEqual([]);
	});
});

describe('the diff of a text', () => {
	it('ends with its hunks: a signature is none of it', () => {
		expect(diffPart(`before\n${DIFF}\n-- \n2.39.5\n`)).toMatchObject({
			diff: `${DIFF}\n`,
			before: 'before',
			cut: null,
		});
	});
});
