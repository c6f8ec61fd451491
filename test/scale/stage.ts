/**
 * The environment of the clients: PostgreSQL, an authorization server, a registry, governed replicas in processes of their own, and
 * nginx in front. Everything ends with `stop()`.
 */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerName } from '../../src/app/settings/setting.js';
import { freePort } from '../support/free-port.js';
import { TestIssuer } from '../support/issuer.js';
import { type PostgresServer, startPostgres } from '../support/postgres.js';
import { type Process, ROOT, run } from '../support/process.js';
import { startValkey } from '../support/valkey.js';
import { type Front, startFront } from './proxy.js';

const READY = 'Ctrl-C stops it.';
const TOOLS = fileURLToPath(new URL('tools.js', import.meta.url));
export const COUNTED_A_MINUTE = 30;

export type Replica = { name: string; port: number; process: Process };

export type Door = { port: number; url: string; front: Front };

export type Stage = {
  /** Of each of the two servers: nginx, and the URL by which clients know it. */
  doors: { [Name in ServerName]: Door };
  auditDir: string;
  database: PostgresServer;
  registry: string;
  issuer: string;
  /** A token of an issuer of our own for the readonly server. */
  token(scope: string): string;
  /** A token of the development authorization server, for the demo client. */
  demoToken(resource: string, scope: string): Promise<string>;
  /** Where the replica of that name is, or will be. */
  portOf(name: string): Promise<number>;
  /** Starts one, under a name that may have run before. `root` has the build; by default, this one. */
  start(name: string, flags?: readonly string[], server?: ServerName, root?: string): Promise<Replica>;
  stop(): Promise<void>;
};

/** Undefined where PostgreSQL is not installed, or Valkey if it is to keep what replicas share. */
export async function openStage(withValkey: boolean): Promise<Stage | undefined> {
  const valkey = withValkey ? await startValkey() : undefined;
  if (withValkey && valkey === undefined) return undefined;
  const database = await startPostgres();
  if (database === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'barewire-scale-'));
  const own = await TestIssuer.start();
  const [authPort, registryPort] = [await freePort(), await freePort()];
  const issuer = `http://localhost:${authPort}`;
  const registry = `http://localhost:${registryPort}`;
  const issuers = `${issuer},${own.issuer}`;
  const auditDir = join(folder, 'audit');
  const ports = new Map<string, number>();
  const running = new Set<Process>();
  const door = async (name: ServerName): Promise<Door> => {
    const port = await freePort();
    const front = await startFront(join(folder, name), port, [port]);
    return { port, url: `http://localhost:${port}/mcp`, front };
  };
  const doors = { readonly: await door('readonly'), destructive: await door('destructive') };
  const { url } = doors.readonly;
  const urls = ['--readonly-url', url, '--destructive-url', doors.destructive.url];
  const common = ['--tools', TOOLS, ...urls, '--registry-url', registry];
  const env = {
    DATABASE_URL: database.url,
    ...(valkey === undefined ? {} : { BAREWIRE_STATE_URL: valkey.url }),
    BAREWIRE_STATE_KEYS: Buffer.alloc(32, 7).toString('base64url'),
    XDG_STATE_HOME: join(folder, 'state'),
  };
  const approving = { BAREWIRE_APPROVAL_KEYS: Buffer.alloc(32, 8).toString('base64url') };
  const serve = async (flags: readonly string[], root = ROOT): Promise<Process> => {
    const own = flags.includes('destructive') ? { ...env, ...approving } : env;
    const started = run(process.execPath, ['dist/server.js', ...common, ...flags], own, root);
    running.add(started);
    void started.ended.then(() => running.delete(started));
    await started.seen(READY);
    return started;
  };
  const portOf = async (name: string): Promise<number> => {
    const port = ports.get(name) ?? (await freePort());
    ports.set(name, port);
    return port;
  };
  const killAll = (): void => {
    for (const { child } of running) child.kill('SIGKILL');
  };
  process.once('exit', killAll);
  await Promise.all([
    serve(['--only', 'authserver', '--authserver-port', String(authPort)]),
    serve(['--only', 'registry', '--registry-port', String(registryPort), '--issuer', issuer]),
  ]);

  return {
    doors,
    auditDir,
    database,
    registry,
    issuer,
    token(scope) {
      const now = Math.floor(Date.now() / 1_000);
      return own.sign({
        iss: own.issuer,
        aud: url,
        sub: 'ada',
        client_id: 'scale',
        tenant: 'demo',
        scope,
        iat: now,
        exp: now + 3_600,
      });
    },
    async demoToken(resource, scope) {
      const body = new URLSearchParams({ grant_type: 'client_credentials', resource, scope });
      const authorization = `Basic ${Buffer.from('demo:demo-secret').toString('base64')}`;
      const answer = await fetch(`${issuer}/token`, { method: 'POST', body, headers: { authorization } });
      return ((await answer.json()) as { access_token: string }).access_token;
    },
    portOf,
    async start(name, flags = [], server = 'readonly', root = ROOT) {
      const port = await portOf(name);
      const quota = `0,scale.counted=${COUNTED_A_MINUTE},scale.metered=1000000`;
      const own = ['--only', server, `--${server}-port`, String(port), '--replica', name];
      const shared = ['--issuer', issuers, '--quota', quota, '--audit-dir', auditDir];
      const process = await serve([...own, ...shared, ...flags], root);
      return { name, port, process };
    },
    async stop() {
      await Promise.all([doors.readonly.front.stop(), doors.destructive.front.stop()]);
      for (const { child } of running) child.kill('SIGTERM');
      await Promise.all([...running].map(({ ended }) => ended));
      process.off('exit', killAll);
      await own.goAway();
      await Promise.all([database.stop(), valkey?.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Stops it as its supervisor would; resolves with what it printed to stderr from then on, and how long it took. */
export async function stopGracefully({ process }: Replica): Promise<{ ms: number; stderr: string }> {
  const began = performance.now();
  const before = process.errors().length;
  process.child.kill('SIGTERM');
  await process.ended;
  return { ms: performance.now() - began, stderr: process.errors().slice(before) };
}

export async function killNow({ process }: Replica): Promise<void> {
  const gone = once(process.child, 'exit');
  process.child.kill('SIGKILL');
  await gone;
}

/** Seconds of processor time that a process has had. Linux counts in hundredths. */
export function cpuSeconds({ process: { child } }: Replica): number {
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
