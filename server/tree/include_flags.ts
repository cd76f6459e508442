/**
 * Folders that a file's Makefile adds to where its compiler looks for headers: `ccflags-y += -I $(srctree)/arch/x86/kvm`, and
 * `subdir-ccflags-y` of the folders above (scripts/Makefile.lib). Makefiles are read, and nothing of them is run.
 *
 * Leaves out: flags of one object (`CFLAGS_x.o`), of a configuration (`ccflags-$(CONFIG_X)`), and what needs make to be known.
 */

const FLAGS = /^[ \t]*(subdir-)?ccflags-y[ \t]*[:+?]?=(.*)$/gm;
const INCLUDE = /(?:^|\s)-I\s*(\S+)/g;

/** Folders of the tree, in the order in which they are looked through. */
export function includeFlags(
	path: string,
	text: (path: string) => string | null,
): readonly string[] {
	const parts = path.split('/').slice(0, -1);
	const found = new Set<string>();
	for (let length = parts.length; length > 0; length--) {
		const folder = parts.slice(0, length).join('/');
		const makefile = text(`${folder}/Makefile`) ?? text(`${folder}/Kbuild`);
		if (makefile === null) continue;
		const lines = makefile.replace(/#.*/g, '').replace(/\\\n/g, ' ');
		const object = path.slice(folder.length + 1).replace(/\.c$/, '.o');
		// an object of a folder below is made where it is listed
		const isMadeHere = length === parts.length || lines.includes(object);
		for (const [, below, flags = ''] of lines.matchAll(FLAGS)) {
			if (below === undefined && !isMadeHere) continue;
			for (const [, spec = ''] of flags.matchAll(INCLUDE)) {
				const at = folderOf(spec, folder);
				if (at !== null) found.add(at);
			}
		}
	}
	return [...found];
}

/** `$(srctree)/x`, `$(src)/x`, `$(srctree)/$(src)` and `x` as folders of the tree; null: only make knows. */
function folderOf(spec: string, folder: string): string | null {
	const named = spec
		.replace(/^\$[({]srctree[)}]\/?/, '')
		.replace(/^\$[({](?:src|obj)[)}]/, folder)
		.replace(/\/$/, '');
	return named === '' || named.includes('$') || named.startsWith('/') ? null : named;
}
