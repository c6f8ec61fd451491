/** Starts a peer on a free port of the loopback interface, and stops it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { freePort } from '../../support/free-port.js';
import { until } from '../../support/until.js';
import type { Peer } from './peers.js';

const MAX_START_MS = 30_000;
/** Enough of what it logged to say why it did not start. */
const MAX_LOG = 2_000;

export type Running = { url: string; stop: () => Promise<void> };

/** @throws Error with what the peer logged, where it does not listen in time */
export async function startPeer(peer: Peer, cwd: string): Promise<Running> {
  const port = await freePort();
  const { argv, env } = peer.http(port, cwd);
  const [program = '', ...args] = argv;
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  const keep = (chunk: Buffer): void => {
    log = (log + chunk).slice(-MAX_LOG);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  const stop = (): Promise<void> => stopChild(child);
  try {
    await until(
      () => {
        if (failure !== undefined) throw failure;
        if (child.exitCode !== null) throw new Error(`${peer.name} ended with ${child.exitCode}: ${log}`);
        return accepts(port);
      },
      () => `${peer.name} listens: ${log}`,
      MAX_START_MS,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${port}${peer.path}`, stop };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.kill('SIGKILL');
  await closed;
}
