/**
 * The Testing view: a test for each function of a walk against each adversary. Running one waits for the verdicts of the text as it
 * stands; after an edit results are stale.
 */
import * as vscode from 'vscode';
import { label } from '../engine/escape/label.js';
import type { SimulateParams } from '../server/protocol.js';
import { isSettled, outcomeOf } from './test_outcome.js';
import { isStale } from './verdict_lines.js';
import type { VerdictStore } from './verdict_store.js';
import { t } from './view/words.js';

/** Which function and adversary a leaf is. */
interface Case {
	readonly uri: vscode.Uri;
	readonly function: string;
	readonly actor: string;
}

export class Tests implements vscode.Disposable {
	private readonly controller = vscode.tests.createTestController('racewalk', 'racewalk');
	private readonly verdicts: VerdictStore;
	private readonly cases = new WeakMap<vscode.TestItem, Case>();
	private readonly listener: vscode.Disposable;

	constructor(verdicts: VerdictStore, debug: (params: SimulateParams) => Promise<void>) {
		this.verdicts = verdicts;
		const { Run, Debug } = vscode.TestRunProfileKind;
		this.controller.createRunProfile(t('Check'), Run, (request, token) => this.run(request, token));
		this.controller.createRunProfile(t('Debug a run'), Debug, async (request) => {
			const [first] = this.wanted(request);
			const of = first === undefined ? undefined : this.cases.get(first);
			if (of === undefined) return;
			const { uri, function: name, actor } = of;
			await debug({ uri: uri.toString(), function: name, actor, trace: null });
		});
		this.listener = verdicts.onDidChange((uri) => this.show(uri));
	}

	/** Labels of the leaves below a file, for the tests in the workbench. */
	labels(uri: vscode.Uri): readonly string[] {
		const file = this.controller.items.get(uri.toString());
		return file === undefined ? [] : leavesOf(file).map((leaf) => leaf.id);
	}

	dispose(): void {
		this.listener.dispose();
		this.controller.dispose();
	}

	private show(uri: vscode.Uri): void {
		const key = uri.toString();
		const shown = this.verdicts.of(uri);
		if (shown === null) {
			this.controller.items.delete(key);
			return;
		}
		const known = this.controller.items.get(key);
		const file =
			known ?? this.controller.createTestItem(key, uri.path.split('/').pop() ?? key, uri);
		if (known === undefined) this.controller.items.add(file);
		if (isStale(shown)) {
			this.controller.invalidateTestResults(file);
			return;
		}
		file.children.replace(
			shown.functions
				.filter(({ against }) => against.length > 0)
				.map(({ name, against }) => {
					const item = file.children.get(name) ?? this.item(name, `${name}()`, uri);
					item.children.replace(
						against.map(({ actor }) => {
							const id = `${name} ${actor}`;
							const leaf = item.children.get(id) ?? this.item(id, t('against {0}', actor), uri);
							this.cases.set(leaf, { uri, function: name, actor });
							return leaf;
						}),
					);
					return item;
				}),
		);
	}

	/** Without a range: VS Code would put its own sign over the verdict's in the gutter. */
	private item(id: string, title: string, uri: vscode.Uri): vscode.TestItem {
		return this.controller.createTestItem(id, label(title), uri);
	}

	private wanted({ include, exclude }: vscode.TestRunRequest): readonly vscode.TestItem[] {
		const all: vscode.TestItem[] = [];
		if (include === undefined) for (const [, item] of this.controller.items) all.push(item);
		const left = new Set((exclude ?? []).flatMap(leavesOf));
		return (include ?? all).flatMap(leavesOf).filter((leaf) => !left.has(leaf));
	}

	private async run(
		request: vscode.TestRunRequest,
		token: vscode.CancellationToken,
	): Promise<void> {
		const run = this.controller.createTestRun(request);
		const leaves = this.wanted(request);
		for (const leaf of leaves) run.enqueued(leaf);
		for (const leaf of leaves) {
			const of = this.cases.get(leaf);
			if (of === undefined) continue;
			run.started(leaf);
			await this.settled(of.uri, token);
			const found = token.isCancellationRequested
				? null
				: outcomeOf(this.verdicts.of(of.uri), of.function, of.actor);
			if (found === null) {
				run.skipped(leaf);
				continue;
			}
			if (found.outcome === 'passed') {
				run.passed(leaf);
				continue;
			}
			const message = new vscode.TestMessage(label(found.message));
			const at = new vscode.Range(found.line, 0, found.line, 0);
			message.location = new vscode.Location(of.uri, at);
			if (found.outcome === 'failed') run.failed(leaf, message);
			else run.errored(leaf, message);
		}
		run.end();
	}

	private async settled(uri: vscode.Uri, token: vscode.CancellationToken): Promise<void> {
		while (!isSettled(this.verdicts.of(uri)) && !token.isCancellationRequested) {
			await new Promise<void>((resolve) => {
				const done = (): void => {
					for (const one of listeners) one.dispose();
					resolve();
				};
				const listeners = [this.verdicts.onDidChange(done), token.onCancellationRequested(done)];
			});
		}
	}
}

function leavesOf(item: vscode.TestItem): readonly vscode.TestItem[] {
	if (item.children.size === 0) return [item];
	const found: vscode.TestItem[] = [];
	for (const [, child] of item.children) found.push(...leavesOf(child));
	return found;
}
