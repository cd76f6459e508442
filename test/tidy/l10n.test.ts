/**
 * Words of the extension that people read are in the two files from which translations are made: those of package.json in
 * package.nls.json, those of the client in l10n/bundle.l10n.json. The language server speaks English.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const words = (path: string) => JSON.parse(read(path)) as Readonly<Record<string, string>>;

/** Keys of package.json whose values VS Code shows. */
const SHOWN = new Set(
	'title description markdownDescription enumDescriptions name label contents'.split(' '),
);
/** Where such a key is no word of ours: names of a language's scopes and modes, what a new configuration is called. */
const NOT_SHOWN =
	/^(?:configurationDefaults|languages|grammars|breakpoints)\.|\.body\.|^configuration\.0\.title$/;

function shownIn(value: unknown, path: string): readonly (readonly [string, string])[] {
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([key, inner]) => {
		const at = path === '' ? key : `${path}.${key}`;
		const isShown = SHOWN.has(key) && !NOT_SHOWN.test(at);
		const texts = [inner].flat().filter((text) => typeof text === 'string');
		if (isShown && texts.length > 0) return texts.map((text) => [at, text] as const);
		return shownIn(inner, at);
	});
}

describe('package.json', () => {
	const manifest = JSON.parse(read('package.json')) as {
		readonly contributes: object;
		readonly capabilities: object;
		readonly displayName: string;
		readonly description: string;
	};
	const shown = [...shownIn(manifest.contributes, ''), ...shownIn(manifest.capabilities, '')];
	const nls = words('package.nls.json');

	it('has no words but in package.nls.json', () => {
		expect(shown.filter(([, text]) => !/^%[\w.-]+%$/.test(text))).toEqual([]);
		expect(shown.length).toBeGreaterThan(80);
	});

	it('names words that are there, and all of them', () => {
		const named = new Set(shown.map(([, text]) => text.slice(1, -1)));
		expect([...named].filter((key) => nls[key] === undefined)).toEqual([]);
		expect(Object.keys(nls).filter((key) => !named.has(key))).toEqual([
			'displayName',
			'description',
		]);
	});

	it('is called the same by npm', () => {
		expect([manifest.displayName, manifest.description]).toEqual([
			nls['displayName'],
			nls['description'],
		]);
	});
});

/** A literal of TypeScript. */
const LITERAL = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/;
/** What comes before a literal that is no word for people: a class, a drawing, an import, an error, the log. */
const BEHIND_THE_SCENES =
	/(?:\b(?:class|d|path|when|viewBox|content): |\bfrom |\bclasses = |'(?:class|d|viewBox)', |Error\(\s*|plain\(\s*|log\.\w+\(\s*)$/;

/** Texts given to `t` in a file, calls of it that cannot be looked up, and words that are not given to it. */
function translated(path: string): {
	readonly texts: readonly string[];
	readonly open: readonly string[];
	readonly bare: readonly string[];
} {
	const code = read(path).replace(/\/\*[\s\S]*?\*\/|(?<![:'"`\w])\/\/.*$/gm, '');
	const texts: string[] = [];
	const open: string[] = [];
	const bare: string[] = [];
	for (const { index } of code.matchAll(/(?<!function )\bt\(\s*/g)) {
		const argument = /^t\(\s*('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")/.exec(
			code.slice(index),
		)?.[1];
		if (argument === undefined) open.push(`${path}: ${code.slice(index, index + 40)}`);
		else texts.push(argument.slice(1, -1).replace(/\\(['"])/g, '$1'));
	}
	for (const { 0: literal, index } of code.matchAll(new RegExp(LITERAL, 'g'))) {
		const before = code.slice(Math.max(0, index - 40), index);
		const said = literal.replace(/\$\{[^}]*\}/g, '');
		if (!/[A-Za-z]{2,} [A-Za-z]{2,}/.test(said)) continue;
		if (/\bt\(\s*$/.test(before) || BEHIND_THE_SCENES.test(before)) continue;
		bare.push(`${path}: ${literal}`);
	}
	return { texts, open, bare };
}

describe('the client', () => {
	/** Drawings, a script, a page without words. */
	const WORDLESS = ['client/verdict_icon.ts', 'client/path_script.ts', 'client/panel_page.ts'];
	/** Names of keys. */
	const KEYS = "client/view/trace_panel.ts: 'Home End'";
	const files = readdirSync(join(root, 'client'), { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.ts'))
		.map((name) => join('client', name));
	const all = files.map(translated);
	const bundle = words('l10n/bundle.l10n.json');

	it('says nothing that the bundle has not, and the bundle nothing else', () => {
		const texts = [...new Set(all.flatMap((file) => file.texts))].sort();
		expect(Object.keys(bundle).sort()).toEqual(texts);
		for (const [text, said] of Object.entries(bundle)) expect(said).toBe(text);
	});

	it('gives texts to be looked up as they stand', () => {
		expect(all.flatMap((file) => file.open)).toEqual([]);
	});

	it('has no other words', () => {
		const bare = all.flatMap((file) => file.bare).filter((found) => found !== KEYS);
		expect(bare.filter((found) => !WORDLESS.some((path) => found.startsWith(path)))).toEqual([]);
	});
});
