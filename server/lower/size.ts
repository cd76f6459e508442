/** Sizes and alignments of types, and the cells that their objects have in memory. */
import { BIT_STRIDE, type FrameCell } from '../../engine/program/program.js';
import type { Layout } from './context.js';
import type { StructType } from './type_names.js';
import type { CType } from './types.js';

/** What measuring depends on. */
export interface Measuring {
	readonly pointerBytes: number;
	/** Alignment of the widest scalars: i386 has u64 at multiples of 4. */
	readonly alignMax: number;
	layout(struct: StructType): (Layout & { kind: 'bytes' }) | null;
}

export interface Measured {
	/** In bytes. */
	readonly size: number;
	readonly align: number;
	readonly hasPointers: boolean;
	/** Scalars of an object of the type, in the order of their bytes. */
	cells(): readonly FrameCell[];
}

/** Elements that are counted out. */
const elementsMax = 4096;

/** The measures of a type; null: they are not known. */
export function measure(type: CType, how: Measuring): Measured | null {
	switch (type.kind) {
		case 'void':
		case 'function':
		case 'unknown':
			return null;
		case 'integer':
			return scalar(type.integer.bits / 8, how, false);
		case 'entry':
			return type.member !== undefined && how.pointerBytes < 8 ? null : scalar(8, how, false);
		case 'pointer':
			return scalar(how.pointerBytes, how, true);
		case 'array': {
			const of = measure(type.of, how);
			const { length } = type;
			if (of === null || length === null || length < 0) return null;
			return {
				...{ size: of.size * length, align: of.align, hasPointers: of.hasPointers },
				cells: () => repeated(of, Math.min(length, elementsMax)),
			};
		}
		case 'struct': {
			const layout = how.layout(type);
			if (layout === null) return null;
			const { size, align, hasPointers, cells } = layout;
			return { size, align, hasPointers, cells: () => cells };
		}
	}
}

function scalar(size: number, how: Measuring, hasPointers: boolean): Measured {
	const align = Math.min(size, how.alignMax);
	return { size, align, hasPointers, cells: () => [{ offset: 0, size }] };
}

function repeated(of: Measured, count: number): readonly FrameCell[] {
	const own = of.cells();
	return Array.from({ length: count }, (_, i) =>
		own.map((c) => ({ offset: i * of.size + c.offset, size: c.size })),
	).flat();
}

export function roundUp(value: number, to: number): number {
	return Math.ceil(value / to) * to;
}

/** Where a bit-field lies that begins at a bit: see FrameCell. */
export function bitCell(bit: number): number {
	return Math.floor(bit / 8) + ((bit % 8) + 1) * BIT_STRIDE;
}
