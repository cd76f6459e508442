/**
 * The diff in a text that has more than that: a mail, a file of `git format-patch`, or nothing but a diff. Lines of hunks are counted,
 * so that a mail's signature is none of them; what stands around is left out.
 *
 * Invariant: what comes back is a sequence of headers and of hunks that are as long as they say, or it is said where they are not.
 */

export interface DiffPart {
	/** The diff alone; empty: there is none. */
	readonly diff: string;
	/** What stands before it. */
	readonly before: string;
	/** Files whose change is told as binary, by their headers. */
	readonly binaries: readonly string[];
	/** Paths that become links or submodules, with their first folder. */
	readonly links: readonly string[];
	/** A hunk that ends too early: the 1-based line of its header in the text; null: there is none. */
	readonly cut: number | null;
}

const HUNK = /^@@ -\d{1,9}(?:,(\d{1,9}))? \+\d{1,9}(?:,(\d{1,9}))? @@/;
const GIT = /^diff --git /;
/** What stands between `diff --git` and the hunks. */
const EXTENDED =
	/^(?:(?:old|new|deleted file|new file) mode|(?:dis)?similarity index|(?:rename|copy) (?:from|to)|index) /;
/** Modes of links and submodules. */
const LINK = /^new (?:file )?mode 1[26]0000$/;
const BINARY = /^(?:Binary files .{1,4000} differ|GIT binary patch)$/;

/** Parts a text; line ends may be those of mails. */
export function diffPart(text: string): DiffPart {
	const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
	const kept: string[] = [];
	const binaries: string[] = [];
	const links: string[] = [];
	let begin: number | null = null;
	let file = '';
	for (let i = 0; i < lines.length; i++) {
		const line = lines[i] ?? '';
		const hunk = begin === null ? null : HUNK.exec(line);
		if (hunk !== null) {
			const end = hunkEnd(lines, i, { old: countOf(hunk[1]), new: countOf(hunk[2]) });
			if (end === null)
				return {
					diff: kept.join('\n'),
					before: beforeOf(lines, begin),
					binaries,
					links,
					cut: i + 1,
				};
			kept.push(...lines.slice(i, end).map((l) => (l === '' ? ' ' : l)));
			i = end - 1;
		} else if (GIT.test(line)) {
			begin ??= i;
			file = line.slice('diff --git '.length);
			kept.push(line);
		} else if (/^--- \S/.test(line) && /^\+\+\+ \S/.test(lines[i + 1] ?? '')) {
			begin ??= i;
			kept.push(line, lines[i + 1] ?? '');
			i++;
		} else if (file !== '' && BINARY.test(line)) {
			binaries.push(file);
			file = '';
		} else if (file !== '' && EXTENDED.test(line)) {
			if (LINK.test(line)) links.push(file.slice(file.lastIndexOf(' ') + 1));
			kept.push(line);
		}
	}
	const diff = kept.length === 0 ? '' : `${kept.join('\n')}\n`;
	return { diff, before: beforeOf(lines, begin), binaries, links, cut: null };
}

function beforeOf(lines: readonly string[], begin: number | null): string {
	return lines.slice(0, begin ?? lines.length).join('\n');
}

function countOf(said: string | undefined): number {
	return said === undefined ? 1 : Number(said);
}

/** The line behind a hunk that begins at `header`; null: it ends before it has the lines that it says. */
function hunkEnd(
	lines: readonly string[],
	header: number,
	{ old, new: added }: { readonly old: number; readonly new: number },
): number | null {
	let [removing, adding] = [old, added];
	let at = header + 1;
	while (removing > 0 || adding > 0) {
		const line = lines[at];
		if (line === undefined) return null;
		const [mark = ' '] = line;
		if (mark === '\\') {
			at++;
			continue;
		}
		if (mark !== ' ' && mark !== '-' && mark !== '+') return null;
		if (mark !== '+') removing--;
		if (mark !== '-') adding--;
		if (removing < 0 || adding < 0) return null;
		at++;
	}
	while (lines[at]?.startsWith('\\') === true) at++;
	return at;
}
