/** Endpoints that share a state in one process's memory: what clients of several replicas see. */
import { suite } from 'uvu';
import { createMemoryState } from '../../src/index.js';
import { closeAll } from '../http/wire.js';
import { taskTests } from './replica-tasks.js';
import { sessionTests } from './replicas.js';

const test = suite('endpoint/replicas');

const shared = createMemoryState(() => new Date());
test.after(closeAll);
sessionTests(test, () => ({ open: () => shared }));
taskTests(test, () => ({ open: () => shared }));

test.run();
