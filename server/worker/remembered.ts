/** What a process that does many tasks remembers between them. */
import { ScenarioMemo } from '../../engine/check/scenario_memo.js';
import { contentStore } from '../ide/analysis/content_store.js';
import type { WalkContext } from './walk_tasks.js';

/** Explored programs remembered: undo and redo of a few edits. */
const RESULTS_MAX = 12;
/** Tables of guards kept: a walk has one for each architecture and configuration it was asked about. */
const TABLES_MAX = 12;

export function remembered(): Required<Pick<WalkContext, 'guardCache' | 'memo'>> &
	Pick<WalkContext, 'cache'> {
	return {
		cache: contentStore({ entriesMax: RESULTS_MAX }),
		guardCache: contentStore({ entriesMax: TABLES_MAX }),
		memo: new ScenarioMemo(),
	};
}
