/**
 * What a debugger shows beside the code: locals, what the last step changed, and the world by object, each with its old value where
 * the last step changed it. Names and values are fit to be shown.
 */
import { label } from '../../engine/escape/label.js';
import { changedAt, framesAt, type Run, worldAt } from './moments.js';
import type { Variable } from './protocol.js';

/** A group of variables at a moment. */
export type Group =
	| { readonly kind: 'locals'; readonly cpu: number; readonly depth: number }
	| { readonly kind: 'changed' }
	| { readonly kind: 'world' }
	| { readonly kind: 'object'; readonly object: string };

export interface ShownVariable extends Variable {
	/** What it holds, when it can be opened. */
	readonly group?: Group;
	/** The location it is, for data breakpoints. */
	readonly location?: string;
}

export function variablesOf(run: Run, moment: number, group: Group): readonly ShownVariable[] {
	switch (group.kind) {
		case 'locals': {
			const frame = framesAt(run, moment, group.cpu)[group.depth];
			return (frame?.locals ?? []).map(({ name, value }) => ({
				...{ name: label(name), value: label(value), evaluateName: name },
				variablesReference: 0,
			}));
		}
		case 'changed':
			return cells(run, moment, (location) => changedAt(run, moment).has(location));
		case 'world': {
			const objects = new Set([...worldAt(run, moment).keys()].map(objectOf));
			return [...objects].map((object) => {
				const held = cells(run, moment, (location) => objectOf(location) === object);
				const value = held.map(({ name, value: shown }) => `${name}=${shown}`).join(', ');
				const group: Group = { kind: 'object', object };
				return { name: label(object), value: label(value), variablesReference: 0, group };
			});
		}
		case 'object':
			return cells(run, moment, (location) => objectOf(location) === group.object);
	}
}

function cells(
	run: Run,
	moment: number,
	isWanted: (location: string) => boolean,
): readonly ShownVariable[] {
	const changed = changedAt(run, moment);
	return [...worldAt(run, moment)].flatMap(([location, value]) => {
		if (!isWanted(location)) return [];
		const old = changed.get(location);
		return [
			{
				name: label(location),
				value: label(old === undefined ? value : `${old} → ${value}`),
				evaluateName: location,
				variablesReference: 0,
				location,
			},
		];
	});
}

/** `folio#3` of `folio#3.mapping`, `pte` of `pte[1]`. */
function objectOf(location: string): string {
	const end = location.search(/[.[]/);
	return end < 0 ? location : location.slice(0, end);
}
