/**
 * Text in reports that other programs read: GitHub's workflow commands and SARIF's messages.
 *
 * Invariant: a workflow command is one line, and its properties end where they were made to end.
 * Invariant: a SARIF message holds neither a link (`[text](1)`) nor a placeholder (`{0}`): SARIF 2.1.0, 3.11.5 and 3.11.6.
 */
import { visible, visibleLine } from './visible.js';

function data(text: string): string {
	return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

function property(text: string): string {
	return data(visibleLine(text)).replace(/:/g, '%3A').replace(/,/g, '%2C');
}

declare const COMMAND: unique symbol;

/** A line that GitHub obeys. */
export type WorkflowCommand = string & { readonly [COMMAND]: true };

/** `::error file=…,line=…::message`, without a line end. */
export function workflowCommand(
	name: 'error' | 'warning' | 'notice',
	properties: Readonly<Record<string, string | number>>,
	message: string,
): WorkflowCommand {
	const given = Object.entries(properties).map(([key, value]) => `${key}=${property(`${value}`)}`);
	return `::${name} ${given.join(',')}::${data(visible(message))}` as WorkflowCommand;
}

declare const SARIF: unique symbol;

/** Text of a message of SARIF. */
export type SarifText = string & { readonly [SARIF]: true };

export function sarifText(text: string): SarifText {
	return visible(text)
		.replace(/\](?=\()/g, '] ')
		.replace(/[{}]/g, '$&$&') as SarifText;
}
