/**
 * An upgrade under traffic: replicas of an older version are replaced one by one by this one, behind nginx and over PostgreSQL. Calls that
 * waited for a person before go on after it.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyAudit } from '../../src/governance/audit/verify.js';
import { ApproverPerson } from '../support/approver.js';
import { ROOT } from '../support/process.js';
import { until } from '../support/until.js';
import { attempted, type Check } from './checks.js';
import { Client, legacy, messageIn } from './client.js';
import { startLoad } from './load.js';
import type { Options } from './options.js';
import { allRecorded } from './phases.js';
import { type Replica, type Stage, stopGracefully } from './stage.js';

const SERVERS = ['readonly', 'destructive'] as const;

/** Builds a revision of this repository in a folder of its own, with the packages of this one if it wants the same. */
export function buildRevision(revision: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'barewire-previous-'));
  const archive = execFileSync('git', ['archive', revision], { cwd: ROOT, maxBuffer: 2 ** 30 });
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  const [wanted, here] = [folder, ROOT].map((root) => readFileSync(join(root, 'package-lock.json'), 'utf8'));
  if (wanted === here) symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  else
    execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  // Without declarations, which TypeScript refuses to write where packages are behind a link.
  execFileSync('npx', ['tsc', '--declaration', 'false'], { cwd: folder, stdio: 'inherit' });
  cpSync(join(folder, 'src/pages/browser'), join(folder, 'dist/pages/browser'), { recursive: true });
  return folder;
}

export async function playUpgrade(stage: Stage, options: Options, from: string): Promise<Check[]> {
  const start = (name: string, root?: string): Promise<Replica> =>
    stage.start(name, [], name.startsWith('d') ? 'destructive' : 'readonly', root);
  const names = { readonly: ['u1', 'u2'], destructive: ['d1', 'd2'] };
  for (const server of SERVERS)
    await stage.doors[server].front.lead(await Promise.all(names[server].map((name) => stage.portOf(name))));
  const all = [...names.readonly, ...names.destructive];
  const running = new Map<string, Replica>();
  for (const name of all) running.set(name, await start(name, from));

  const load = startLoad({
    port: stage.doors.readonly.port,
    token: stage.token('scale:use'),
    clients: options.clients,
    restMs: options.restMs,
    sessions: false,
    nameOf: (address) => address,
    lasting: true,
  });
  const calls = await waitingCalls(stage);
  const [waits, decided] = [await calls.ask(1), await calls.ask(2)];
  await calls.person.decide(decided.url ?? '');
  for (const name of all) {
    const old = running.get(name);
    if (old !== undefined) await stopGracefully(old);
    const replica = await start(name);
    running.set(name, replica);
    const sinceMs = load.now();
    // nginx takes two seconds to notice that it is back. Until then, the other one must not go.
    if (names.readonly.includes(name))
      await until(
        () => load.attempts.some(({ by, atMs }) => atMs > sinceMs && by?.endsWith(`:${replica.port}`)),
        `nginx leads to ${name} again`,
      );
  }
  const after = await attempted(
    'a call that waited before the upgrade still waits, is approved after it, and runs once',
    async () => {
      const again = await calls.ask(1);
      if (again.ran || again.url !== waits.url)
        return `asked at ${waits.url}, and then ${JSON.stringify(again)}`;
      await calls.person.decide(again.url ?? '');
      const ran = [await calls.ask(1), await calls.ask(1)].map((one) => one.ran);
      return ran.join() === 'true,false' ? undefined : `after the approval it ran: ${ran}`;
    },
  );
  const approved = await attempted(
    'a call that was approved before the upgrade runs after it, once',
    async () => {
      const ran = [await calls.ask(2), await calls.ask(2)].map((one) => one.ran);
      return ran.join() === 'true,false' ? undefined : `it ran: ${ran}`;
    },
  );
  calls.close();
  await load.stop();
  for (const replica of running.values()) await stopGracefully(replica);
  const lost = load.attempts.filter(({ outcome }) => outcome !== 'answered');
  return [
    {
      what: `upgrade: each of the ${load.attempts.length} requests was answered at the first try`,
      wrong: [...new Set(lost.map(({ outcome, why }) => `${outcome}: ${why}`))].slice(0, 5).join('; '),
    },
    after,
    approved,
    await allRecorded(stage, load),
    ...(await Promise.all(SERVERS.map((server) => verifies(join(stage.auditDir, server))))),
  ];
}

type Asked = { ran: boolean; url: string | undefined };

/** Calls of the destructive server, each with arguments of its own. */
async function waitingCalls({ doors, issuer, demoToken }: Stage) {
  const { port, url } = doors.destructive;
  const client = new Client(port, await demoToken(url, 'scale:change'));
  return {
    person: new ApproverPerson(`http://localhost:${port}`, issuer),
    async ask(b: number): Promise<Asked> {
      const reply = await client.post(
        legacy(`waiting-${b}`, 'tools/call', { name: 'scale.change', arguments: { a: 9, b } }),
      );
      const message = messageIn(reply) ?? {};
      const { error } = message as { error?: { data?: { approval?: { url?: string } } } };
      return { ran: 'result' in message, url: error?.data?.approval?.url };
    },
    close: () => client.close(),
  };
}

async function verifies(folder: string): Promise<Check> {
  const found: string[] = [];
  const { breaches, records } = await verifyAudit(folder, {}, ({ what, line }) =>
    found.push(`${what} ${line}`),
  );
  return {
    what: `the audit log in ${folder.split('/').at(-1)} verifies, with ${records} records`,
    wrong:
      breaches === 0 && records > 0
        ? undefined
        : `${breaches} breaches in ${records} records: ${found.join('; ')}`,
  };
}
