/**
 * The architecture a fixture is for: `Arch: i386-pae` in the comment it begins with; x86_64 where it says nothing.
 */
import { ARCHS, type ArchName } from '../engine/program/arch.js';

export function fixtureArch(text: string): ArchName {
	const [comment = ''] = text.split('*/', 1);
	const name = /^ \* Arch: (\S+)$/m.exec(comment)?.[1];
	if (name === undefined) return 'x86_64';
	const arch = ARCHS.find((a) => a === name);
	if (arch === undefined) throw new Error(`a fixture is for ${name}, which is no architecture`);
	return arch;
}
