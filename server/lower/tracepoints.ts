/**
 * Which `trace_NAME()` are tracepoints: functions that TRACE_EVENT(), DEFINE_EVENT() and DECLARE_TRACE() make
 * (include/linux/tracepoint.h). They hand their arguments to a tracer and change nothing of mm. Any other function of that
 * spelling is a function like others.
 */
import { named } from '../syntax/named.js';

interface TreeAccess {
	read(path: string): string | null;
	list(folder: string): readonly string[];
}

const folders = ['include/trace/events', 'mm'];
const filesMax = 500;

/** Whether the tree makes the tracepoint; null: there is no tree to say so. */
export function tracepointsOf(tree: TreeAccess | null): (name: string) => boolean | null {
	const known = new Map<string, boolean>();
	let texts: readonly string[] | null = null;
	return (name) => {
		if (tree === null) return null;
		let is = known.get(name);
		if (is === undefined) {
			texts ??= folders
				.flatMap((folder) => tree.list(folder))
				.filter((path) => path.endsWith('.h'))
				.slice(0, filesMax)
				.flatMap((path) => tree.read(path) ?? []);
			const event = name.replace(/^trace_/, '');
			const made = new RegExp(
				`\\b(?:TRACE_EVENT\\w*|DECLARE_TRACE\\w*|DEFINE_EVENT\\w*)\\s*\\(\\s*(?:\\w+\\s*,\\s*)?${named(event)}\\s*,`,
			);
			is = texts.some((text) => text.includes(event) && made.test(text));
			known.set(name, is);
		}
		return is;
	};
}
