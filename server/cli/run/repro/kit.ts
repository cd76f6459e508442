/**
 * `export --as repro`: a patch to the tree of the run, that widens its windows and adds a program of two threads that brings both sides there.
 *
 * Invariant: the patch changes no file but by statements of its own before others and loops that run once, and adds files; a kernel without the switch set is the same
 * but for these tests of it.
 */
import { visibleLine } from '../../../../engine/escape/visible.js';
import { hunksBetween } from '../../../patch/changes.js';
import { hunkName } from '../../../patch/patch.js';
import { splitLines } from '../../../tree/source_lines.js';
import { type Point, pointsOf } from './points.js';
import { raceProgram } from './program.js';
import { readme } from './readme.js';
import type { KitSubject } from './subject.js';

const HEADER = 'include/linux/racewalk_delay.h';
const FOLDER = 'tools/testing/racewalk';

/** The patch and what it leaves out, or why there is none. */
export function reproKit(
	shown: KitSubject,
): { readonly patch: string; readonly left: readonly string[] } | { readonly why: string } {
	const { tree, path, text } = shown.request;
	if (tree === null) return { why: 'a kit is a patch to a kernel tree: give --tree DIR' };
	if (shown.made.memory === 'lkmm')
		return {
			why: 'a run under lkmm is no order of steps: delays do not bring it about; try --as litmus',
		};
	if (shown.run.trace.threads.length < 2) return { why: 'only one CPU acts in this run' };
	const read = (file: string): string | null => (file === path ? text : tree.read(file));
	const points = pointsOf(shown.run.trace.steps, shown.later, read);
	const program = raceProgram(shown);
	const left = [...points.left, ...program.left];
	const files = new Map<string, readonly Point[]>();
	for (const point of points.placed)
		files.set(point.path, [...(files.get(point.path) ?? []), point]);
	const [owner] = files.keys();
	const changed = [...files].map(([file, own]) => {
		const before = read(file) ?? '';
		return diffOf(file, before, delayed(before, own, file === owner));
	});
	const added = [
		...(owner === undefined ? [] : [diffOf(HEADER, '', DELAY)]),
		diffOf(`${FOLDER}/race.c`, '', program.text),
		diffOf(`${FOLDER}/README`, '', readme(shown, { points: points.placed, left, program })),
	];
	return { patch: [...changed, ...added].join(''), left };
}

const DELAY = `/* SPDX-License-Identifier: GPL-2.0 */
/* Delays that widen the windows of one run. For debugging: /sys/module/kernel/parameters/racewalk_ms, 0 is off. */
#ifndef _LINUX_RACEWALK_DELAY_H
#define _LINUX_RACEWALK_DELAY_H

#include <linux/delay.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/string.h>

extern unsigned int racewalk_ms;

/* Threads that call themselves so wait, and no others. */
static inline void racewalk_delay(const char *who)
{
	unsigned int ms = READ_ONCE(racewalk_ms);

	if (unlikely(ms) && !strncmp(current->comm, who, strlen(who)))
		mdelay(ms);
}

/* The same before a statement that is all of an arm. */
#define racewalk_delay_before(who) \\
	for (bool once = (racewalk_delay(who), true); once; once = false)

#endif
`;

const SWITCH = `
unsigned int racewalk_ms;
core_param(racewalk_ms, racewalk_ms, uint, 0644);`;

/** The text with its delays, and the header behind its first include. */
function delayed(text: string, points: readonly Point[], isOwner: boolean): string {
	const lines = [...splitLines(text)];
	for (const { line, cpu, isArm } of [...points].sort((a, b) => b.line - a.line)) {
		const indent = /^\s*/.exec(lines[line - 1] ?? '')?.[0] ?? '';
		const own = indent === '' ? '\t' : indent;
		lines.splice(
			line - 1,
			0,
			`${own}${isArm ? 'racewalk_delay_before' : 'racewalk_delay'}("${threadName(cpu)}")${isArm ? '' : ';'}`,
		);
	}
	// the first include stands under no condition
	const include = lines.findIndex((line) => /^#include </.test(line));
	const header = `#include <linux/racewalk_delay.h>`;
	lines.splice(include + 1, 0, header);
	const end = lines.at(-1) === '' ? lines.length - 1 : lines.length;
	if (isOwner) lines.splice(end, 0, ...SWITCH.split('\n'));
	return lines.join('\n');
}

/** What a thread calls itself, so that the delays know it. */
export function threadName(cpu: number): string {
	return cpu === 0 ? 'rw-walk' : `rw-other${cpu}`;
}

function diffOf(path: string, before: string, after: string): string {
	const hunks = hunksBetween(before, after).map((hunk) => {
		const oldStart = hunk.oldLines === 0 ? 0 : hunk.oldStart;
		return `${hunkName({ ...hunk, oldStart })}\n${hunk.lines.join('\n')}\n`;
	});
	const name = visibleLine(path);
	const head =
		before === ''
			? `diff --git a/${name} b/${name}\nnew file mode 100644\n--- /dev/null\n+++ b/${name}\n`
			: `diff --git a/${name} b/${name}\n--- a/${name}\n+++ b/${name}\n`;
	return head + hunks.join('');
}
