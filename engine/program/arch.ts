/** The architectures a program can be lowered for. */

export type ArchName = 'x86_64' | 'arm64' | 'i386-pae' | 's390x' | 'powerpc64';
