/**
 * Messages to the user that want no answer. (`window.showErrorMessage` of the library is a request, which fails on
 * clients that do not know it.)
 */
import { type Connection, MessageType, ShowMessageNotification } from 'vscode-languageserver';

export function tell(connection: Connection, how: 'error' | 'information', message: string): void {
	const type = how === 'error' ? MessageType.Error : MessageType.Info;
	void connection.sendNotification(ShowMessageNotification.type, { type, message });
}
