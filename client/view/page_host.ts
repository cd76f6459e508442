/**
 * What stands in for the extension host in an exported page: the run is the page's element `data`, and nothing is asked of anybody.
 * Loaded before the panel's script, which finds its host here.
 */
import type { TracePanelContent } from '../../server/protocol.js';
import { byId } from './element.js';
import type { FromView, PanelRun, ToView } from './message.js';
import { openingStep } from './motion.js';

/** Keeps nothing: the page is the run. */
function host(): {
	postMessage(message: FromView): void;
	setState(run: PanelRun): void;
	getState(): PanelRun | undefined;
} {
	const given = JSON.parse(byId('data').textContent ?? '') as PanelRun & {
		readonly neighbour?: TracePanelContent;
	};
	const steps = given.content.steps.map(({ cpu, effects }) => ({
		cpu,
		changes: effects.some(({ wrote }) => wrote !== null),
	}));
	const { neighbour, ...shown } = given;
	let run: PanelRun = { ...shown, step: openingStep(steps) };
	const show = () => tell({ kind: 'show', run, notice: null, history: [], at: 0, words: {} });
	const tell = (data: ToView): void => {
		window.dispatchEvent(new MessageEvent('message', { data }));
	};
	return {
		postMessage(message) {
			if (message.kind === 'ready') show();
			else if (message.kind === 'compare' || message.kind === 'without') {
				const { beside: _, ...alone } = run;
				const isWanted = message.kind === 'without' || message.with !== null;
				run = isWanted && neighbour !== undefined ? { ...alone, beside: neighbour } : alone;
				show();
			} else if (message.kind === 'copy')
				void navigator.clipboard?.writeText(run.content.twoColumn);
		},
		setState: () => {},
		getState: () => undefined,
	};
}

Object.assign(globalThis, { acquireVsCodeApi: host });
