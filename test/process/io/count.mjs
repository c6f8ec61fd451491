/**
 * Loaded ahead of a server by `--import`: counts what it does with files and the network, and prints the counts on stderr
 * as one line of JSON when it is sent SIGUSR2. Synchronous calls are counted by name, all others by the kind of their
 * resource, as node:async_hooks names them.
 */
import { createHook } from 'node:async_hooks';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** What answering a request over an open connection is made of, and no input or output of its own. */
const NONE = new Set([
  'HTTPINCOMINGMESSAGE',
  'HTTPSERVERREQUEST',
  'Immediate',
  'Microtask',
  'PROMISE',
  'TickObject',
  'Timeout',
  'TIMERWRAP',
  'WRITEWRAP',
]);

let counts = {};
const count = (what) => {
  counts[what] = (counts[what] ?? 0) + 1;
};

for (const name of Object.keys(fs).filter((name) => name.endsWith('Sync'))) {
  const real = fs[name];
  fs[name] = (...given) => {
    count(name);
    return real(...given);
  };
}
syncBuiltinESMExports();
createHook({
  init(_id, type) {
    if (!NONE.has(type)) count(type);
  },
}).enable();

process.on('SIGUSR2', () => {
  const line = JSON.stringify(counts);
  counts = {};
  process.stderr.write(`io ${line}\n`);
});
