/**
 * Idle streams: thousands of clients that listen for changes (`subscriptions/listen`), what each holds of the server's memory,
 * and how long a change of the list of tools takes to reach the last of them.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Child, spawnPinned } from './child.js';
import { GOALS } from './goals.js';
import { amount } from './report.js';
import type { Measure } from './results.js';
import type { Scene } from './scene.js';
import { library } from './servers.js';

const STREAMS = 10_000;
/** Files that a process needs besides its sockets. */
const OTHER_FILES = 200;
const CLIENT = fileURLToPath(new URL('./servers/listeners.mjs', import.meta.url));

export async function benchStreams(scene: Scene): Promise<Measure[]> {
  const files = Number(execFileSync('bash', ['-c', 'ulimit -Hn'], { encoding: 'utf8' })) || 1_000_000;
  const wanted = scene.quick ? STREAMS / 10 : STREAMS;
  const streams = Math.min(wanted, files - OTHER_FILES);
  const limit = Math.min(files, wanted + OTHER_FILES);
  const plain = library(scene);
  const spec = { ...plain, args: ['--expose-gc', ...plain.args], ipc: true, files: limit };
  const server = await scene.start(spec);
  // Once there and gone, so that what is compiled and allocated once for all is not taken for the streams'.
  await (await listeners(server, Math.min(500, streams), limit)).stop();
  const before = await collected(server);
  const clients = await listeners(server, streams, limit);
  const after = await collected(server);
  const told = once(clients.process, 'message');
  const begun = performance.now();
  server.process.send('changed');
  await told;
  const ms = performance.now() - begun;
  await clients.stop();
  await server.stop();
  const kib = (after - before) / streams / 1024;
  const less = streams < STREAMS ? `, not ${amount(STREAMS)}` : '';
  const each = `library: memory of each of ${amount(streams)} idle streams${less}`;
  const all = `library: a list change reaches ${amount(streams)} streams${less}`;
  const measure = (what: string, goal: string, measured: string, met: boolean): Measure => ({
    ...{ group: 'streams', what, measured, wrong: [] },
    values: { streams, kibEach: kib, changeMs: ms },
    verdicts: [{ what, goal, measured, met }],
  });
  return [
    measure(each, `≤ ${GOALS.streamKiB} KiB`, `${kib.toFixed(1)} KiB`, kib <= GOALS.streamKiB),
    measure(all, `≤ ${GOALS.listChangeMs} ms`, `${ms.toFixed(0)} ms`, ms <= GOALS.listChangeMs),
  ];
}

/** Resident memory after the garbage was collected: what is held, and not what will go. */
async function collected(server: Child): Promise<number> {
  for (let turn = 0; turn < 2; turn += 1) {
    const done = once(server.process, 'message');
    server.process.send('collect');
    await done;
  }
  return server.rss();
}

/** A process with so many streams, all of them acknowledged. */
async function listeners({ url }: Child, streams: number, files: number) {
  const child = spawnPinned('load', { args: [CLIENT, url, String(streams)], ipc: true, files });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`the listening process ended with ${code}`);
  });
  failed.catch(() => {});
  await Promise.race([once(child, 'message'), failed]);
  return { process: child, stop };
}
