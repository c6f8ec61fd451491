/** nginx in front of the replicas, with the configuration that chapter 19 shows: only addresses and replicas differ. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { blocksOf } from '../support/chapter.js';

const NGINX = '/usr/sbin/nginx';

export function hasNginx(): boolean {
  return existsSync(NGINX);
}

/** The page's configuration for these ports. What stands behind a server's address stays as the page has it. */
export function configuration(shown: string, port: number, replicas: readonly number[]): string {
  const [lines, before, after] = /(?:^( *server )127\.0\.0\.1:\d+(.*\n))+/m.exec(shown) ?? [];
  if (lines === undefined) throw new Error('the page shows no replica');
  const servers = replicas.map((each) => `${before}127.0.0.1:${each}${after}`).join('');
  return shown.replace(lines, servers).replace(/listen 127\.0\.0\.1:\d+;/, `listen 127.0.0.1:${port};`);
}

export type Front = {
  /** Leads to these replicas from now on; requests that are being answered are not disturbed. */
  lead(replicas: readonly number[]): Promise<void>;
  stop(): Promise<void>;
};

export async function startFront(folder: string, port: number, replicas: readonly number[]): Promise<Front> {
  mkdirSync(folder, { recursive: true });
  const shown = blocksOf('19-replicas').find(({ language }) => language === 'nginx')?.text ?? '';
  const write = (to: readonly number[]): void =>
    writeFileSync(join(folder, 'nginx.conf'), configuration(shown, port, to));
  write(replicas);
  const flags = ['-p', folder, '-e', 'error.log', '-c', 'nginx.conf'];
  // In the foreground, so that it goes when we go.
  const child = spawn(NGINX, [...flags, '-g', 'daemon off;'], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const kill = (): void => void child.kill('SIGTERM');
  process.once('exit', kill);
  for (let turn = 0; !existsSync(join(folder, 'nginx.pid')); turn += 1) {
    if (turn === 100) throw new Error('nginx does not start');
    await pause(50);
  }
  return {
    async lead(to) {
      write(to);
      execFileSync(NGINX, [...flags, '-s', 'reload']);
      // Until the new workers are there.
      await pause(300);
    },
    async stop() {
      process.off('exit', kill);
      kill();
      await ended;
    },
  };
}
