/**
 * The current step of a run in the source: its line is lit, with what happens there written after it.
 */
import * as vscode from 'vscode';

export interface HighlightedStep {
	readonly uri: vscode.Uri;
	/** 0-based. */
	readonly line: number;
	readonly cpu: number;
	/** `CPU 1, step 6 of 14: pte[0] ← none`. */
	readonly label: string;
}

const CPU_COLOURS = ['charts.blue', 'charts.orange', 'charts.purple', 'charts.green'];

export class StepHighlight implements vscode.Disposable {
	private readonly types = CPU_COLOURS.map((colour) =>
		vscode.window.createTextEditorDecorationType({
			isWholeLine: true,
			backgroundColor: new vscode.ThemeColor('editor.stackFrameHighlightBackground'),
			borderWidth: '0 0 0 3px',
			borderStyle: 'solid',
			borderColor: new vscode.ThemeColor(colour),
			overviewRulerColor: new vscode.ThemeColor(colour),
			overviewRulerLane: vscode.OverviewRulerLane.Full,
			after: { margin: '0 0 0 3em', color: new vscode.ThemeColor('editorCodeLens.foreground') },
		}),
	);
	private readonly listener = vscode.window.onDidChangeVisibleTextEditors(() => this.draw());
	private step: HighlightedStep | null = null;

	/** The step that is lit, null when none is. */
	get current(): HighlightedStep | null {
		return this.step;
	}

	/** Lights a step, or none. */
	show(step: HighlightedStep | null): void {
		this.step = step;
		this.draw();
	}

	dispose(): void {
		this.listener.dispose();
		for (const type of this.types) type.dispose();
	}

	private draw(): void {
		for (const editor of vscode.window.visibleTextEditors) {
			for (const type of this.types) editor.setDecorations(type, []);
			const step = this.step;
			if (step === null || editor.document.uri.toString() !== step.uri.toString()) continue;
			const type = this.types[step.cpu % this.types.length];
			if (type === undefined || step.line >= editor.document.lineCount) continue;
			const range = editor.document.lineAt(step.line).range;
			editor.setDecorations(type, [
				{ range, renderOptions: { after: { contentText: step.label } } },
			]);
		}
	}
}
