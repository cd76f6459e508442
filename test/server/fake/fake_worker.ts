/** An exploration worker over the stand-in engine. */
import { isMainThread } from 'node:worker_threads';
import { control } from '../../../server/worker/control.js';
import { serve } from '../../../server/worker/exploration_worker.js';
import { fakeEngine } from './fake_engine.js';

if (isMainThread) serve(fakeEngine, new URL(import.meta.url), () => [].values());
else control();
