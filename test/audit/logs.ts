/** Audit logs in folders of their own: entries to write, a clock to set, ticks to trigger, and the resulting lines. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Audit, type AuditOptions, openAudit } from '../../src/governance/audit/log.js';
import { formerFolder } from '../../src/governance/audit/names.js';
import type { AuditEntry, AuditRecord } from '../../src/governance/audit/record.js';
import { type Finding, type VerifyOptions, verifyAudit } from '../../src/governance/audit/verify.js';

const made: string[] = [];
process.once('exit', () => {
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

export function scratch(): string {
  const path = mkdtempSync(join(tmpdir(), 'barewire-audit-'));
  made.push(path);
  return path;
}

export const ENTRY = {
  kind: 'outcome',
  tenant: 'demo',
  issuer: undefined,
  requestId: 'request-1',
  principal: { issuer: 'http://localhost:3003', user: 'alice', clientId: 'demo' },
  server: 'readonly',
  method: 'tools/call',
  tool: 'postgres.readonly',
  scopes: { held: ['postgres:query:readonly'], needed: ['postgres:query:readonly'] },
  decision: { allow: true, reason: 'scope held', policy: '1' },
  outcome: 'ok',
  status: 200,
  args: { sql: 'select 1' },
} as const satisfies AuditEntry;

export type Bench = {
  dir: string;
  audit: Audit;
  errors: Error[];
  notices: string[];
  clock: { now: Date };
  /** One round of what the log does every second. */
  tick: () => Promise<void>;
};

export const NOON = '2026-11-23T12:00:00.000Z';

export async function bench(options: Partial<AuditOptions> = {}): Promise<Bench> {
  const errors: Error[] = [];
  const notices: string[] = [];
  const clock = { now: new Date(NOON) };
  const dir = options.dir ?? join(scratch(), 'audit');
  let pending: (() => void) | undefined;
  const audit = await openAudit({
    dir,
    replica: 'r1',
    clock: () => clock.now,
    onError: (error) => errors.push(error),
    onNotice: (folder, { what }) => notices.push(`${folder} ${what}`),
    after: (_ms, run) => {
      pending = run;
      return () => {
        pending = undefined;
      };
    },
    ...options,
  });
  const tick = async () => {
    const run = pending;
    pending = undefined;
    run?.();
    while (pending === undefined) await new Promise((resolve) => setImmediate(resolve));
  };
  return { dir, audit, errors, notices, clock, tick };
}

/** Writes records 1 to `count` of tenant demo, by request id, and closes the log. */
export async function written(count: number, options: Partial<AuditOptions> = {}): Promise<string> {
  const { audit, dir } = await bench(options);
  for (let n = 1; n <= count; n += 1) void audit.append({ ...ENTRY, requestId: `request-${n}` });
  await audit.close();
  return dir;
}

/** The lines of a file, without their line breaks; what follows the last break is the last one. */
export function linesOf(path: string): string[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** All files under a directory, relative to it, without locks. */
export function filesIn(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(dir, name)).isFile() && !name.startsWith('.'))
    .sort();
}

/** The records of one folder, or of a tenant of all its issuers, by issuer and then in the order of the days. */
export function recordsIn(dir: string, tenant = 'demo'): AuditRecord[] {
  const folders = readdirSync(dir).filter((name) => name === tenant || formerFolder(name) === tenant);
  return folders.flatMap((folder) =>
    filesIn(join(dir, folder))
      .filter((name) => name.endsWith('.jsonl'))
      .flatMap((name) => linesOf(join(dir, folder, name)))
      .map((line) => JSON.parse(line)),
  );
}

export async function verified(dir: string, options: VerifyOptions = {}) {
  const findings: Finding[] = [];
  const result = await verifyAudit(dir, options, (finding) => findings.push(finding));
  const said = findings.map(({ what, line }) => `${what} ${line}`);
  return { ...result, findings, said };
}

export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('the promise was expected to reject');
}

/** The exit code of a command, and the lines that it prints. */
export async function ran<T>(run: (print: (line: string) => void) => Promise<T>) {
  const lines: string[] = [];
  const code = await run((line) => lines.push(line));
  return { code, lines };
}

export async function printed(run: Parameters<typeof ran>[0]): Promise<string[]> {
  return (await ran(run)).lines;
}
