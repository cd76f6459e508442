/**
 * misplaced-page of page-cache readers: a folio returned for an index at or beyond the i_size that the reader read last
 * (mm/filemap.c, next_uptodate_folio()). A reader that leaves the size to its callers reads none.
 */
import type { MachineEvent } from '../memory/thread/event.js';
import type { CodePlace } from '../mm/model/code_place.js';
import { PAGE_SIZE } from '../mm/model/layout.js';
import { readerGhost } from '../mm/model/reader_ghost.js';
import type { MonitorView } from '../mm/model/violation.js';
import { objectAddress } from '../mm/model/world.js';
import type { WatchedReader } from '../mm/monitor/reader_watch.js';
import { report } from './property.js';

/** Notes the size that the reader reads. */
export function noteFileEnd(s: WatchedReader, event: MachineEvent, view: MonitorView): void {
	if (event.kind !== 'load' || s.world.spec.reader !== 'page-cache') return;
	if (event.address !== s.world.at(objectAddress('inode:file'), 'inode', 'i_size')) return;
	view.write(readerGhost('sizeRead', 0), event.value + 1);
}

/** The folio of the slot is handed out. */
export function judgeFileEnd(
	s: WatchedReader,
	view: MonitorView,
	frame: number,
	returned: CodePlace,
): void {
	const size = view.read(readerGhost('sizeRead', 0)) - 1;
	if (size < 0 || frame !== s.world.victim || s.world.slot * PAGE_SIZE < size) return;
	const what = `folio#${frame} is returned for index ${s.world.slot}, behind the end of the file: i_size was read as ${size}`;
	report(view, 'misplaced-page', returned, what);
}
