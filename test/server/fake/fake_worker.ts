/** An exploration worker over the stand-in engine. */
import { serve } from '../../../server/worker/exploration_worker.js';
import { fakeEngine } from './fake_engine.js';

serve(fakeEngine);
