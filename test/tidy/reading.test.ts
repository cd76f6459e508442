/**
 * Who may touch the file system: files of a workspace or a kernel tree are read by server/reading alone. And which settings
 * a workspace may decide: none that a verdict or the machine's time depends on, unless the workspace is trusted.
 */
import { describe, expect, it } from 'vitest';
import { codeFiles, importsOf, read } from './sources.js';

/** Files of server/ that use node:fs, and why. */
const ALLOWED: Readonly<Record<string, string>> = {
	'server/reading/disk.ts': 'the way to the file system',
	'server/reading/named.ts': 'reads descriptors that are open already',
	'server/syntax/wasm_parser.ts': "racewalk's own parser, where native code does not load",
	'server/cli/version.ts': "racewalk's own package.json",
	'server/cli/supervised.ts': "looks whether racewalk's own worker lies beside it",
	'server/cli/baseline_file.ts': 'writes the file that --update-baseline is given',
	'server/cli/review/git_folder.ts':
		'writes an empty repository into a temporary folder of its own',
	'server/worker/control.ts': 'writes its last word into the pipe that it was given',
	'server/lower/primitive_sources.ts': "racewalk's own table of primitives",
	'server/lsp/trace_documents.ts': 'writes documents into a temporary folder of its own',
};

/** Settings that a workspace decides in Restricted Mode too, and why. */
const HARMLESS: Readonly<Record<string, string>> = {
	'racewalk.trace.followSource': 'moves an editor beside the panel',
	'racewalk.trace.server': 'fills a log',
};

const users = codeFiles()
	.filter((path) => path.startsWith('server/'))
	.filter((path) => importsOf(path, read(path)).some((i) => /^(?:node:)?fs(?:\/|$)/.test(i.path)));

interface Manifest {
	readonly capabilities: {
		readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] };
	};
	readonly contributes: {
		readonly configuration: readonly {
			readonly properties: Readonly<Record<string, { readonly scope?: string }>>;
		}[];
	};
}

describe('the file system', () => {
	it('is used where this list says', () => {
		expect([...users].sort()).toEqual(Object.keys(ALLOWED).sort());
	});

	it('is not reached by another way', () => {
		const ways = /\b(?:process\.binding|createRequire|getBuiltinModule)\b/;
		const found = codeFiles().filter((path) => path.startsWith('server/') && ways.test(read(path)));
		// the parser's native code is no ES module
		expect(found).toEqual(['server/syntax/tree_sitter.ts']);
	});
});

describe('settings', () => {
	const { capabilities, contributes } = JSON.parse(read('package.json')) as Manifest;
	const restricted = new Set(capabilities.untrustedWorkspaces.restrictedConfigurations);
	const settings = contributes.configuration.flatMap((c) => Object.entries(c.properties));

	it('that decide about verdicts or time are no business of a workspace that is not trusted', () => {
		const open = settings.flatMap(([name, { scope }]) =>
			restricted.has(name) || scope === 'machine' || name in HARMLESS ? [] : [name],
		);
		expect(open).toEqual([]);
		expect(settings.length).toBeGreaterThan(8);
	});

	it('that are restricted exist', () => {
		const known = new Set(settings.map(([name]) => name));
		expect([...restricted].filter((name) => !known.has(name))).toEqual([]);
	});
});
