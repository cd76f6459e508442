/**
 * What the Makefile of a file's folder gives the compiler for it: definitions, and headers before the first line. They are not followed, and
 * said so. The top Makefile's and the architecture's are taken to be the kernel's.
 */

/** A flag that changes what the text means; null: there is none. */
export function changingFlag(makefile: string, path: string): string | null {
	const object = path.slice(path.lastIndexOf('/') + 1).replace(/\.c$/, '.o');
	for (const line of makefile.replace(/\\\r?\n/g, ' ').split('\n')) {
		const [, name = '', value = ''] = assignment.exec(line) ?? [];
		if (name === '' || !concerns(name, object)) continue;
		const flag = value.split(/\s+/).find((word) => changing.test(word));
		if (flag !== undefined) return `${name} has ${flag}`;
	}
	return null;
}

/** `CFLAGS_gup.o += -DX`. */
const assignment =
	/^[ \t]*(?:override[ \t]+|export[ \t]+)?([^\s:=+?#]+)[ \t]*(?:::?|\+|\?|!)?=([^#]*)/;

/** Variables of other objects do not. */
function concerns(name: string, object: string): boolean {
	const [, of] = /^(?:CFLAGS|CPPFLAGS|AFLAGS|HOSTCFLAGS|CFLAGS_REMOVE)_(.+)$/.exec(name) ?? [];
	return of === undefined || of === object || of.includes('$');
}

const changing = /^['"(]*-(?:D|U|include|imacros|Wp,|Xpreprocessor|fplugin|x$|specs)/;
