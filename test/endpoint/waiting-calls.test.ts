/** Calls that wait for a person, over the memory of one process. */
import { suite } from 'uvu';
import { createMemoryState } from '../../src/cluster/state/memory-state.js';
import { memoryWriter } from '../approval/rows.js';
import { closeGuarded } from './guarded.js';
import { waitingCallTests } from './waiting-calls.js';

const test = suite('endpoint/waiting-calls');
test.after(closeGuarded);
waitingCallTests(test, () => {
  const state = createMemoryState(() => new Date());
  return { state, writer: memoryWriter(state) };
});
test.run();
