/** The attacks of reading.ts with everything in the memory of one process. */
import { suite } from 'uvu';
import { createMemoryState } from '../../src/index.js';
import { closeGuarded } from './guarded.js';
import { readingTests, upgradeTests } from './reading.js';

const alone = suite('endpoint/reading');
alone.after(closeGuarded);
readingTests(alone, () => ({ open: () => undefined }));
alone.run();

const replicas = suite('endpoint/reading of replicas');
replicas.after(closeGuarded);
const state = createMemoryState(() => new Date());
readingTests(replicas, () => ({ open: () => state }));
upgradeTests(replicas, () => ({ open: () => state }));
replicas.run();
