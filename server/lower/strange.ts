/** Definitions of a tree that no known kernel has, and how they are told. */
/** A definition that no known kernel has. */
export interface Strange {
	readonly name: string;
	readonly path: string;
	readonly line: number;
	/** The primitive that is made of it: itself, or the first that was asked for. */
	readonly of: string;
}

/** Definitions of the tree's that are told one by one; where there are more, the tree is of another kernel. */
const TOLD_MAX = 8;

/** The definitions in words. */
export function strangeTold(strange: readonly Strange[]): readonly string[] {
	const place = ({ name, path, line }: Strange): string => `${name} (${path}:${line})`;
	if (strange.length > TOLD_MAX) {
		const first = strange.slice(0, TOLD_MAX).map(place).join(', ');
		return [
			`${strange.length} definitions of the kernel tree are as in no kernel that racewalk knows, and taken to do what theirs do: ${first} and so on`,
		];
	}
	return strange.map((each) => {
		const what = each.name === each.of ? '' : `, of which ${each.of} is made,`;
		return `${place(each)}${what} is defined as in no kernel that racewalk knows: taken to do what theirs does`;
	});
}
