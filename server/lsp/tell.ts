/**
 * Messages to the user that want no answer. (`window.showErrorMessage` of the library is a request, which fails on
 * clients that do not know it.)
 */

import { type Connection, MessageType, ShowMessageNotification } from 'vscode-languageserver';
import { type Label, label } from '../../engine/escape/label.js';

/** Shows a message; what would be a link in it is not. */
export function tell(connection: Connection, how: 'error' | 'information', text: string): void {
	const message: Label = label(text);
	const type = how === 'error' ? MessageType.Error : MessageType.Info;
	void connection.sendNotification(ShowMessageNotification.type, { type, message });
}

/** Of work that met a limit outside of exploration. */
export function gaveUp(what: string, why: string): string {
	return `racewalk: ${what} was given up: it ${why}`;
}
