/** The program of a kit: a thread for each CPU of the run, which bring both sides there again and again. */
import { visibleLine } from '../../../../engine/escape/visible.js';
import { ADVERSARIES, MEMORY, type Memory, WALKS, type WalkDriver } from './drivers.js';
import type { KitSubject } from './subject.js';

export interface RaceProgram {
	readonly text: string;
	/** What is left to whoever uses it: sentences. */
	readonly left: readonly string[];
	/** What must be set up, and what is not so on a real machine: sentences. */
	readonly notes: readonly string[];
	/** How the walk is called; null: it is left open. */
	readonly calls: string | null;
}

/** The walk that system calls lead to in the ways of `drivers.ts`. */
const GUP = 'mm/gup.c';

export function raceProgram({
	made,
	run: { trace, finding },
}: Pick<KitSubject, 'made' | 'run'>): RaceProgram {
	const words = trace.scenario.toLowerCase();
	const memory = MEMORY.find((m) => m.words.every((word) => words.includes(word))) ?? null;
	const flags: readonly string[] = trace.scenario.match(/FOLL_[A-Z]{1,40}/g) ?? [];
	const walk =
		made.path === GUP
			? (WALKS.find(
					({ flags: needed, rules }) =>
						needed.every((flag) => flags.includes(flag)) &&
						(rules === undefined || (finding !== null && rules.includes(finding.rule))),
				) ?? null)
			: null;
	const others = trace.threads
		.slice(1)
		.map((name) => ({ name, driver: ADVERSARIES[name] ?? null }));
	const left = [
		...(walk === null
			? [
					`race.c does not call the walk: fill in walk_once() with what leads to ${made.function}() of ${made.path}`,
				]
			: []),
		...(memory === null
			? [
					`race.c maps anonymous memory: make map() give what the run is about (${visibleLine(trace.scenario)})`,
				]
			: []),
		...others.flatMap(({ name, driver }, i) =>
			driver === null
				? [`race.c does not do what ${name} does: fill in other_once_${i + 1}()`]
				: [],
		),
	];
	const notes = [memory?.note ?? '', ...others.map(({ driver }) => driver?.note ?? '')].filter(
		(note) => note !== '',
	);
	const acts = others.map(({ name, driver }) => ({
		name: visibleLine(name),
		act: driver === null ? null : `${driver.act}${driver.counts === true ? '' : '\n\trounds++;'}`,
	}));
	const isReadOnly = words.includes('read-only');
	const isLarge = [memory, ...others.map(({ driver }) => driver)].some((one) => one?.isLarge);
	return {
		text: source({ walk, memory, acts, isReadOnly, isLarge }),
		left,
		notes,
		calls: walk?.what ?? null,
	};
}

/** What a statement of main() takes before the next one. */
function line(statement: string | undefined): string {
	return statement === undefined ? '' : `${statement}\n\t`;
}

function source({
	walk,
	memory,
	acts,
	isReadOnly,
	isLarge,
}: {
	readonly walk: WalkDriver | null;
	readonly memory: Memory | null;
	readonly acts: readonly { readonly name: string; readonly act: string | null }[];
	readonly isReadOnly: boolean;
	readonly isLarge: boolean;
}): string {
	const { file, flags } = memory ?? { file: '-1', flags: 'MAP_PRIVATE | MAP_ANONYMOUS' };
	const others = acts.map(
		({ act }, i) => `static void other_once_${i + 1}(void)
{
	${act ?? '/* nothing is known that does it */'}
}

static void *other_${i + 1}(void *unused)
{
	prctl(PR_SET_NAME, "rw-other${i + 1}");
	while (!over)
		other_once_${i + 1}();
	return unused;
}
`,
	);
	const threads = acts.map(
		(_, i) => `	pthread_create(&threads[${i + 1}], NULL, other_${i + 1}, NULL);`,
	);
	return `// SPDX-License-Identifier: GPL-2.0
/* Brings both sides of one run about, again and again: see README. cc -O2 -pthread race.c -o race && ./race SECONDS */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static const size_t size = ${isLarge ? '4UL << 20' : '4 * 4096'};
static char *volatile area;
static void *spare;
static int fd = -1, direct = -1, ring = -1, channel[2];
static char page[4096] __attribute__((aligned(4096)));
static volatile int over;
static volatile unsigned long rounds;
${walk?.declares ?? ''}
static __attribute__((unused)) void touch(void)
{
	for (size_t at = 0; at < size; at += 4096)
		((volatile char *)area)[at] = 1;
}

static void map(void)
{
	fd = ${file};
	if (fd >= 0 && ftruncate(fd, size) != 0)
		perror("ftruncate");
	/* below all else: what goes through the whole process comes here first */
	void *made = mmap(area ? area : (void *)0x200000, size, PROT_READ | PROT_WRITE, ${flags} | (area ? MAP_FIXED : 0), fd, 0);
	if (made == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	area = made;
	touch();${isReadOnly ? '\n\tmprotect(area, size, PROT_READ);' : ''}
}

static void walk_once(void)
{
	${walk?.act ?? '/* nothing is known that calls the walk */'}
}

static void *walk(void *unused)
{
	prctl(PR_SET_NAME, "rw-walk");
	while (!over)
		walk_once();
	return unused;
}

${others.join('\n')}
int main(int argc, char **argv)
{
	pthread_t threads[${acts.length + 1}];
	unsigned int parameters[30] = { 0 };

	spare = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	direct = open("racewalk.direct", O_RDWR | O_CREAT | O_DIRECT, 0600);
	if (direct < 0)
		direct = open("racewalk.direct", O_RDWR | O_CREAT, 0600);
	if (direct >= 0 && pwrite(direct, page, sizeof(page), 0) < 0)
		perror("racewalk.direct");
	ring = syscall(SYS_io_uring_setup, 1, parameters);
	if (pipe(channel) != 0)
		perror("pipe");
	${line(walk?.begins)}map();
	pthread_create(&threads[0], NULL, walk, NULL);
${threads.join('\n')}
	sleep(argc > 1 ? atoi(argv[1]) : 10);
	over = 1;
	for (size_t i = 0; i < sizeof(threads) / sizeof(threads[0]); i++)
		pthread_join(threads[i], NULL);
	${line(walk?.ends)}printf("%lu rounds; look into the kernel's log\\n", rounds);
	return 0;
}
`;
}
