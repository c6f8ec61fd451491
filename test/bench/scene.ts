/** What all benchmarks share: how long they take, the issuer, tokens, a folder for logs, and the servers by name. */
import { mkdir, mkdtemp, rm, statfs } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { TestIssuer } from '../support/issuer.js';
import { type Child, type ChildSpec, startChild } from './child.js';

export type Scene = {
  quick: boolean;
  /** Of one measured load. */
  seconds: number;
  rounds: number;
  issuer: TestIssuer;
  /** On a real disk: what waits for one is measured here. */
  dir: string;
  /** The kind of the file system there. */
  disk: string;
  /** A token for a server, good for an hour; approved by a person just now. */
  token(resource: string, claims?: { [name: string]: unknown }): string;
  start(spec: ChildSpec): Promise<Child>;
  say(line: string): void;
  /** Done when all is over, also when the run is stopped. */
  atEnd(undo: () => unknown): void;
  close(): Promise<void>;
};

/** Where the results of a run, the peers and the logs are kept by default. */
export const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'barewire');

const FILE_SYSTEMS: { [type: number]: string } = {
  61267: 'ext4',
  16914836: 'tmpfs',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  2035054128: 'overlay',
};

export async function openScene(
  { quick, seconds, rounds }: Pick<Scene, 'quick' | 'seconds' | 'rounds'>,
  say: Scene['say'],
): Promise<Scene> {
  const issuer = await TestIssuer.start();
  await mkdir(CACHE, { recursive: true });
  const dir = await mkdtemp(join(CACHE, 'bench-run-'));
  const running = new Set<Child>();
  const undoings: (() => unknown)[] = [];
  const { type } = await statfs(dir);
  return {
    quick,
    seconds,
    rounds,
    issuer,
    dir,
    disk: FILE_SYSTEMS[type] ?? `file system 0x${type.toString(16)}`,
    token(resource, claims = {}) {
      const now = Math.floor(Date.now() / 1000);
      return issuer.sign({
        iss: issuer.issuer,
        sub: 'bench',
        aud: resource,
        client_id: 'bench',
        scope: 'bench approved:by:human',
        iat: now,
        exp: now + 3600,
        approved_at: now,
        ...claims,
      });
    },
    async start(spec) {
      const child = await startChild(spec);
      running.add(child);
      return child;
    },
    say,
    atEnd: (undo) => void undoings.push(undo),
    async close() {
      await Promise.all([...running].map((child) => child.stop()));
      for (const undo of undoings.splice(0)) await undo();
      await issuer.goAway();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
