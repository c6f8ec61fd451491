/**
 * A real Valkey server for a test file, or a Redis server, which speaks the same protocol: its own port and folder, gone when
 * `stop()` returns. Undefined where neither program is installed.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { SharedState } from '../../src/cluster/shared-state.js';
import { createValkeyState } from '../../src/cluster/state/valkey-state.js';
import { createDaemon } from './daemon.js';
import { freePort } from './free-port.js';
import { findProgram } from './programs.js';
import { until } from './until.js';

export type ValkeyServer = {
  url: string;
  /** Starts the same server again, after `halt()`. */
  start(): Promise<void>;
  /** Kills the server and keeps its data. */
  halt(): Promise<void>;
  stop(): Promise<void>;
};

export async function startValkey(): Promise<ValkeyServer | undefined> {
  const found = findProgram('valkey-server') ?? findProgram('redis-server');
  if (found === undefined) return undefined;
  const program = found;
  const folder = mkdtempSync(join(tmpdir(), 'barewire-valkey-'));
  const port = await freePort();
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const { start, halt } = createDaemon(
    () => spawn(program, [...options, '--appendonly', 'yes', '--appendfsync', 'always'], { stdio: 'ignore' }),
    'SIGKILL',
    () => until(() => answers(port), 'Valkey answers'),
  );

  await start();
  return {
    url: `valkey://127.0.0.1:${port}`,
    start,
    halt,
    async stop() {
      await halt();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Two views of one state, each with a connection of its own, as two processes have; `open` returns one of the two in turn. */
export function valkeyViews(url: string, clock: () => Date): { open(): SharedState; close(): Promise<void> } {
  const make = (): SharedState => createValkeyState({ url, clock, onError: () => undefined });
  const [one, two] = [make(), make()];
  let opened = 0;
  return {
    open() {
      opened += 1;
      return opened % 2 === 0 ? one : two;
    },
    close: async () => void (await Promise.all([one.close(), two.close()])),
  };
}

/** False while it loads its data. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.on('data', (data) => {
      resolve(data.toString().startsWith('+PONG'));
      socket.destroy();
    });
    socket.on('error', () => resolve(false));
  });
}
