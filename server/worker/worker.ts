/**
 * The script of an exploration worker: serves tasks with the real engine.
 */
import { realEngine } from './engine.js';
import { serve } from './exploration_worker.js';

serve(realEngine);
