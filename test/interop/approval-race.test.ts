/** One approval, two replicas of the services over one real PostgreSQL, and fifty callers at once. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Running, start } from '../../src/app/app.js';
import { modernCall } from '../http/wire.js';
import { ApproverPerson } from '../support/approver.js';
import { freePort } from '../support/free-port.js';
import { recordsIn } from '../support/governed.js';
import { tokenFor } from '../support/person.js';
import { startPostgres } from '../support/postgres.js';
import { reportSkip } from '../support/programs.js';

const test = suite('interop/approval-race');

const server = await startPostgres();
if (server === undefined) reportSkip('interop/approval-race', 'PostgreSQL is not installed here');
else {
  const folder = mkdtempSync(join(tmpdir(), 'approval-race-'));
  const counted = join(folder, 'runs');
  const tools = join(folder, 'tools.mjs');
  writeFileSync(counted, '');
  writeFileSync(
    tools,
    `import { appendFileSync } from 'node:fs';
    export const launch = {
      name: 'launch', title: 'Launch', description: 'Can be done once.', scope: 'launch', destructive: true,
      inputSchema: { type: 'object', properties: { n: { type: 'integer' } } },
      handler: ({ n }) => {
        appendFileSync(${JSON.stringify(counted)}, n + '\\n');
        return { structuredContent: { launched: n } };
      },
    };`,
  );
  const keys = (byte: number) => [Buffer.alloc(32, byte).toString('base64url')];
  const common = {
    databaseUrl: server.url,
    tools: [tools],
    stateHome: folder,
    stateKeys: keys(7),
    approvalKeys: keys(8),
    approval: 'call' as const,
  };
  let one: Running;
  let two: Running;
  let resource = '';
  const second = await freePort();
  test.before(async () => {
    one = await start({
      ...common,
      replica: 'one',
      readonlyPort: 0,
      destructivePort: 0,
      authserverPort: 0,
      registryPort: 0,
    });
    resource = one.addresses.destructive ?? '';
    // Clients know both by one URL, as they would behind a balancer.
    two = await start({
      ...common,
      replica: 'two',
      only: 'destructive',
      destructivePort: second,
      destructiveUrl: resource,
      issuers: [...one.issuers],
    });
  });
  test.after(async () => {
    await Promise.all([one.close(), two.close()]);
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  test('fifty uses of one approval, over both replicas, run the tool once', async () => {
    const { authserver: issuer = '' } = one.addresses;
    const token = await tokenFor({ issuer, resource, scope: 'launch' });
    const ports = [new URL(resource).port, second];
    const call = async (n: number, at: number) => {
      const { body, headers } = modernCall('launch', {}, at, { n });
      const url = `http://localhost:${ports[at % 2]}/mcp`;
      const sent = { ...headers, authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const response = await fetch(url, { method: 'POST', headers: sent, body });
      return { status: response.status, body: (await response.json()) as Answer };
    };
    const asked = await Promise.all([0, 1, 2, 3].map((at) => call(1, at)));
    const urls = new Set(asked.map(({ body }) => body.error?.data.approval.url));
    assert.equal([asked.map(({ status }) => status), urls.size], [[403, 403, 403, 403], 1]);
    const [page = ''] = urls;
    await new ApproverPerson(new URL(resource).origin, issuer).decide(page);
    const used = await Promise.all(Array.from({ length: 50 }, (_, at) => call(1, at)));
    assert.is(used.filter(({ status }) => status === 200).length, 1);
    assert.is(used.filter(({ status }) => status === 403).length, 49);
    assert.is(readFileSync(counted, 'utf8'), '1\n');
    const records = await recordsIn(join(folder, 'barewire', 'audit', 'destructive'));
    const of = (outcome: string) => records.filter((record) => record.outcome === outcome).length;
    assert.equal([of('consumed'), of('ok')], [1, 1]);
    assert.ok(of('replay-refused') >= 1);
    assert.equal(new Set(records.map(({ replica }) => replica)), new Set(['one', 'two']));
  });
}

type Answer = { error?: { data: { approval: { url: string } } } };

test.run();
