/** What becomes of tasks that are asked for when the server is on its way out. */
import { expect, it } from 'vitest';
import { Explorer } from '../../server/worker/exploration.js';

it('starts nothing any more once it is disposed', async () => {
	// a worker that was started after all would fail, for there is no such file
	const explorer = new Explorer(new URL('file:///no/such/worker.mjs'));
	await explorer.dispose();
	const { outcome } = explorer.run(
		'a',
		{ kind: 'litmus-analyse', text: '', path: 'a.litmus' } as never,
		{},
	);
	expect(await outcome).toEqual({ kind: 'superseded' });
});
