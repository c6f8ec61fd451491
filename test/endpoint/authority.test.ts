/** The attacks of authority.ts with everything in the memory of one process. */
import { suite } from 'uvu';
import { createMemoryState } from '../../src/index.js';
import { authorityTests } from './authority.js';
import { closeGuarded } from './guarded.js';

const test = suite('endpoint/authority');
test.after(closeGuarded);

const state = createMemoryState(() => new Date());
authorityTests(test, () => ({ open: () => state, shared: false }));

test.run();
