/** A server program that a test starts, kills and starts again. It ends with the test's process. */
import type { ChildProcess } from 'node:child_process';

export type Daemon = {
  /** Resolves when it answers. */
  start(): Promise<void>;
  /** Kills it. Does nothing unless it runs. */
  halt(): Promise<void>;
};

export function createDaemon(
  spawn: () => ChildProcess,
  signal: NodeJS.Signals,
  answers: () => Promise<unknown>,
): Daemon {
  let running: { ended: Promise<void>; kill(): void } | undefined;
  return {
    async start() {
      const child = spawn();
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      running = { ended, kill: () => void child.kill(signal) };
      process.once('exit', running.kill);
      await answers();
    },
    async halt() {
      if (running === undefined) return;
      process.off('exit', running.kill);
      running.kill();
      await running.ended;
      running = undefined;
    },
  };
}
