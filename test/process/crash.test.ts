/**
 * The server as it is deployed, killed under load at random moments: afterwards its log verifies, and every answered call
 * that changes something is in it. BAREWIRE_TEST_KILLS says how often; a long run asks for some hundreds.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { queryAudit } from '../../src/governance/audit/query.js';
import { verifyAudit } from '../../src/governance/audit/verify.js';
import { legacy } from '../http/wire.js';
import { freePort } from '../support/free-port.js';
import { TestIssuer } from '../support/issuer.js';
import { type Process, runServer } from '../support/process.js';
import { until } from '../support/until.js';

const KILLS = Number(process.env.BAREWIRE_TEST_KILLS ?? 12);
const CLIENTS = 8;
const READY = 'Ctrl-C stops it.';

const test = suite('process/crash');
const folder = mkdtempSync(join(tmpdir(), 'crash-test-'));
const auditDir = join(folder, 'audit');
const tools = join(folder, 'tools.mjs');
writeFileSync(
  tools,
  `export const change = {
    name: 'change', title: 'Change', description: 'Changes something that nobody can see.', scope: 'change',
    destructive: true, inputSchema: { type: 'object' },
    handler: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return { structuredContent: { changed: true } };
    },
  };`,
);
let issuer: TestIssuer;
test.before(async () => {
  issuer = await TestIssuer.start();
});
test.after(async () => {
  await issuer.goAway();
  rmSync(folder, { recursive: true });
});

async function start(port: number): Promise<Process> {
  const flags = ['--only', 'destructive', '--destructive-port', String(port), '--issuer', issuer.issuer];
  const more = ['--tools', tools, '--audit-dir', auditDir, '--replica', 'r1', '--quota', '0'];
  // What a killed server leaves behind is removed with this folder.
  const server = runServer([...flags, ...more], { TMPDIR: folder });
  await server.seen(READY);
  return server;
}

/** Calls one after another until the server no longer answers. */
async function load(url: string, token: string, prefix: string, answered: Set<string>): Promise<void> {
  for (let turn = 0; ; turn += 1) {
    const id = `${prefix}-${turn}`;
    const body = legacy('tools/call', { name: 'change' }, id);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    try {
      const response = await fetch(url, { method: 'POST', headers, body });
      const { result } = (await response.json()) as { result?: { isError?: boolean } };
      assert.is(response.status, 200);
      assert.is(result?.isError, undefined);
      answered.add(JSON.stringify(id));
    } catch (error) {
      if (error instanceof assert.Assertion) throw error;
      return;
    }
  }
}

/** The records of each request, and whether they are consistent. */
async function audited(): Promise<Map<string, string[]>> {
  const dir = join(auditDir, 'destructive');
  const breaches: string[] = [];
  const { breaches: count } = await verifyAudit(dir, {}, ({ breach, file, line, what, detail }) => {
    if (breach) breaches.push(`${file}:${line} ${what} ${detail}`);
  });
  assert.is(count, 0, breaches.join('\n'));
  const kinds = new Map<string, string[]>();
  for await (const { record } of queryAudit(dir, { tool: 'change' })) {
    const id = record.requestId ?? '';
    kinds.set(id, [...(kinds.get(id) ?? []), record.kind]);
  }
  return kinds;
}

test(`after each of ${KILLS} kills the log verifies, and no answered call is missing`, async () => {
  const port = await freePort();
  const url = `http://localhost:${port}/mcp`;
  const now = Math.floor(Date.now() / 1_000);
  const token = issuer.sign({
    iss: issuer.issuer,
    aud: url,
    sub: 'ada',
    client_id: 'bench',
    tenant: 'demo',
    scope: 'change approved:by:human',
    approved_at: now,
    iat: now,
    exp: now + 3_600,
  });
  const answered = new Set<string>();
  let unanswered = 0;
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const server = await start(port);
    const clients = Array.from({ length: CLIENTS }, (_, client) =>
      load(url, token, `${kill}-${client}`, answered),
    );
    // Some soon after the start, most at work.
    const enough = answered.size + Math.floor(Math.random() * 60);
    await until(() => answered.size >= enough, 'calls are answered');
    server.child.kill('SIGKILL');
    await Promise.all([...clients, server.ended]);
    const kinds = await audited();
    const missing = [...answered].filter((id) => {
      const of = kinds.get(id) ?? [];
      return !(of.includes('intent') && of.includes('outcome'));
    });
    assert.equal(missing, [], `after kill ${kill}`);
    unanswered = kinds.size - answered.size;
  }
  assert.ok(answered.size > KILLS, `${answered.size} calls were answered`);
  console.log(`${KILLS} kills, ${answered.size} calls answered, ${unanswered} more on their way`);
});

test.run();
