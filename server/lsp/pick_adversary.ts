/** The command `racewalk.simulateAgainst`: the user is asked which adversary it is, for clients without a list of their own. */
import { MessageType, ShowMessageRequest } from 'vscode-languageserver';
import { label } from '../../engine/escape/label.js';
import type { SimulateParams } from '../protocol.js';
import type { WalkSession } from './session.js';

/** What to simulate; null: the user wants nothing, or the arguments make no sense. */
export async function pickAdversary(
	{ connection }: WalkSession,
	argument: unknown,
): Promise<SimulateParams | null> {
	if (typeof argument !== 'object' || argument === null) return null;
	const { uri, function: name, choices } = argument as Readonly<Record<string, unknown>>;
	if (typeof uri !== 'string' || typeof name !== 'string' || !Array.isArray(choices)) return null;
	const titles = new Map(choices.flatMap((choice: unknown) => titled(choice)));
	const picked = await connection.sendRequest(ShowMessageRequest.type, {
		type: MessageType.Info,
		message: label(`Simulate ${name}() against …`),
		actions: [...titles.keys()].map((title) => ({ title })),
	});
	const actor = titles.get(picked?.title ?? '');
	return actor === undefined ? null : { uri, function: name, actor, trace: null };
}

/** `zap (violated)`, and which adversary that is. */
function titled(choice: unknown): readonly (readonly [string, string])[] {
	if (typeof choice !== 'object' || choice === null) return [];
	const { actor, verdict } = choice as Readonly<Record<string, unknown>>;
	if (typeof actor !== 'string' || typeof verdict !== 'string') return [];
	return [[label(`${actor} (${verdict})`), actor]];
}
