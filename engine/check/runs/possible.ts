/**
 * Arms of branches that runs may take at all: under this configuration, and with the flags that callers may pass.
 *
 * Invariant: an arm that is in neither set is one that no caller can lead a run to.
 */

import { possibleArms } from '../../memory/thread/constant_flow.js';
import { flagArguments } from '../call/harness.js';
import { parameterRoles } from '../call/parameter_roles.js';
import { numbersFor } from '../call/reader_calling.js';
import { type Arms, unionOfArms } from '../coverage/arms.js';
import type { Possible } from '../coverage/coverage.js';
import type { PreparedWalk } from '../prepare.js';
import { legalFlags } from '../scenarios.js';

export function possibleIn(walk: PreparedWalk, cancelled: () => boolean): Possible {
	const { program, root } = walk.request;
	const configured = possibleArms(program, root, { cancelled });
	const flags = legalFlags(walk);
	if (walk.calling.kind === 'reader') return { configured, called: calledReader(walk, cancelled) };
	if (flags === null) return { configured, called: configured };
	const roles = parameterRoles(program, root);
	const sets = new Map(flags.map((set) => [JSON.stringify(flagArguments(roles, set)), set]));
	const called = [...sets.values()].map((set) =>
		possibleArms(program, root, { args: flagArguments(roles, set), cancelled }),
	);
	return { configured, called: unionOfArms(called) };
}

/** With each of the numbers that callers of a reader give. */
function calledReader(
	{ request: { program, root } }: PreparedWalk,
	cancelled: () => boolean,
): Arms {
	const given = numbersFor(program, root);
	const at = given.findIndex((numbers) => numbers !== null);
	const sets = given[at]?.map((number) => given.map((_, i) => (i === at ? number : null)));
	return unionOfArms(
		(sets ?? [[]]).map((args) => possibleArms(program, root, { args, cancelled })),
	);
}
