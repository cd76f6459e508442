/**
 * What the Makefile of a file's folder gives the compiler for it: definitions, and headers before the first line. They are not followed, and
 * said so. The top Makefile's and the architecture's are taken to be the kernel's.
 */

/** Whether a Makefile has the flag, outside of comments. */
export function hasFlag(makefile: string, flag: string): boolean {
	return makefile.replace(/#.*/g, '').includes(flag);
}

/** Whether plain `char` is signed: x86's is, unless the top Makefile says otherwise; where there is none, or nothing in it, it is taken to. */
export function isCharSigned(
	makefile: string | null,
	{ isX86 }: { readonly isX86: boolean },
): boolean {
	return isX86 && !!makefile && !hasFlag(makefile, '-funsigned-char');
}

/** A flag that changes what the text means, or what may add one; null: there is none. */
export function changingFlag(makefile: string, path: string): string | null {
	const object = path.slice(path.lastIndexOf('/') + 1).replace(/\.c$/, '.o');
	for (const whole of makefile.replace(/\\\r?\n/g, ' ').split('\n')) {
		const line = whole.replace(/#.*/, '');
		const does = making.exec(line)?.[0];
		if (does !== undefined) return `${does.trim()} may add flags`;
		const [, target = '', variable = ''] = ofTarget.exec(line) ?? [];
		const [, name = '', value = ''] = assignment.exec(variable || line) ?? [];
		if (name === '' || !concerns(name, object)) continue;
		if (target !== '' && !target.includes('$') && !target.endsWith(object)) continue;
		const flag = value.split(/\s+/).find((word) => changing.test(word));
		if (flag !== undefined) return `${name} has ${flag}`;
	}
	return null;
}

/** A flag that the Makefile of a folder gives all folders below it. */
export function changingFlagBelow(makefile: string): string | null {
	const lines = makefile.replace(/\\\r?\n/g, ' ').split('\n');
	return changingFlag(lines.filter((line) => /\bsubdir-\w+flags/.test(line)).join('\n'), '');
}

/** `walk.o: KBUILD_CFLAGS += -DX`. */
const ofTarget = /^([^\s:=]+)[ \t]*:[ \t]*(?:private[ \t]+)?([^\s:=][^:=]*[+:?!]?=.*)$/;
/** What makes lines of a Makefile. */
const making = /^[ \t]*(?:(?:-|s)?include|define)[ \t]|\$[({](?:eval|file)\b/;
/** `CFLAGS_gup.o += -DX`. */
const assignment =
	/^[ \t]*(?:override[ \t]+|export[ \t]+|private[ \t]+)?([^\s:=+?#]+)[ \t]*(?:::?|\+|\?|!)?=(.*)/;

/** Variables of other objects do not. */
function concerns(name: string, object: string): boolean {
	const [, of] = /^(?:CFLAGS|CPPFLAGS|AFLAGS|HOSTCFLAGS|CFLAGS_REMOVE)_(.+)$/.exec(name) ?? [];
	return of === undefined || of === object || of.includes('$');
}

const changing =
	/^['"(]*(?:@\S|-(?:D|U|i(?:nclude|macros|quote|system|dirafter|prefix|withprefix)|Wp,|Xpreprocessor|fplugin|x$|specs|\$|std=|m(?:32|x32|64)$|f(?:pack-struct|short-enums|signed-char|no-unsigned-char|finite|exec-charset|input-charset|wide-exec)))/;
