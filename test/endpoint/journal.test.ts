/** Requests over HTTP and stdio, and the records they leave; disks that fail while they are answered. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AuditEntry } from '../../src/governance/audit/record.js';
import { createEndpoint, serveStdio, type Tool } from '../../src/index.js';
import { faulty, mount, mounting } from '../audit/disks.js';
import { bench, filesIn, linesOf, recordsIn, scratch, verified } from '../audit/logs.js';
import { legacy, modernCall } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { until } from '../support/until.js';
import { at, call, closeGuarded, counted, type Guarded, guarded, startIssuer } from './guarded.js';

const test = suite('endpoint/journal');
test.after(closeGuarded);

const APPROVED = { scope: 'bench:write approved:by:human', approved_at: at(0) };
const change = { scope: 'bench:write', destructive: true };

/** A log whose appends are reported before they are written. */
async function logged(tools: readonly Tool[], options: Parameters<typeof bench>[0] = {}, required = false) {
  const audit = await bench(options);
  const entries: { entry: AuditEntry; durable: boolean }[] = [];
  const log = {
    append(entry: AuditEntry, { durable = false } = {}) {
      entries.push({ entry, durable });
      return audit.audit.append(entry, { durable });
    },
    get healthy() {
      return audit.audit.healthy;
    },
  };
  const door = await guarded({ tools, audit: { log, required }, tasks: true });
  return { ...audit, ...door, entries, troubles: audit.errors };
}

const ready = async ({ url }: Pick<Guarded, 'url'>) => (await fetch(new URL('/readyz', url))).status;

test('the intent of a change is on disk before it runs, and its outcome before its answer', async () => {
  let seen: unknown;
  const tool = toolOf('write', {
    ...change,
    handler: () => {
      seen = recordsIn(door.dir, 'default').map(({ kind }) => kind);
      return { structuredContent: { done: true } };
    },
  });
  const door = await logged([tool]);
  const answer = await door.post(door.token(APPROVED), call('write'));
  assert.is(answer.status, 200);
  assert.equal(seen, ['intent']);
  const records = recordsIn(door.dir, 'default');
  assert.equal(
    records.map(({ kind, outcome, status, requestId }) => [kind, outcome, status, requestId]),
    [
      ['intent', undefined, undefined, '1'],
      ['outcome', 'ok', 200, '1'],
    ],
  );
  assert.is(records[0]?.callId, records[1]?.callId);
  assert.equal(
    door.entries.map(({ durable }) => durable),
    [true, true],
  );
  await door.audit.close();
  assert.is((await verified(door.dir)).breaches, 0);
});

test('a call that only reads leaves one record, which need not be synced', async () => {
  const door = await logged([toolOf('read')]);
  await door.post(door.token(), call('read'));
  await door.post(door.token(), legacy('tools/list', {}));
  assert.equal(
    door.entries.map(({ entry, durable }) => [entry.kind, entry.outcome, durable]),
    [['outcome', 'ok', false]],
  );
});

test('a full disk refuses changes, lets reads pass, turns readyz red, and the log later says what it missed', async () => {
  const { fs, fault } = faulty();
  const { tool, runs } = counted('write', change);
  const door = await logged([tool, toolOf('read')], { fs });
  assert.is(await ready(door), 200);
  fault.write = 'ENOSPC';
  const refused = await door.post(door.token(APPROVED), call('write'));
  assert.is(refused.headers.get('retry-after'), '5');
  assert.equal(refused.body.error, {
    code: 503,
    message: 'Unavailable: the call was not made, for it cannot be recorded just now; try again later',
    data: { reason: 'unavailable', remediation: 'available', retryAfter: 5 },
  });
  assert.is(runs(), 0);
  assert.is((await door.post(door.token(), call('read'))).status, 200);
  assert.is((await door.post('', call('read'))).status, 401);
  assert.is(await ready(door), 503);
  assert.is(door.troubles.filter((error) => String(error).includes('ENOSPC')).length, 1, 'told once');

  fault.write = undefined;
  assert.is((await door.post(door.token(APPROVED), call('write'))).status, 200);
  await door.tick();
  assert.is(await ready(door), 200);
  await door.audit.close();
  const told = recordsIn(door.dir, 'default').filter(({ kind }) => kind === 'log');
  // The intent that was refused, its refusal and the read; the stranger belongs to no tenant.
  assert.equal(
    told.map(({ notice }) => [notice?.what, notice?.count, notice?.code]),
    [['unrecorded', 3, 'ENOSPC']],
  );
  assert.is((await verified(door.dir)).breaches, 0);
});

test('where records are required, reads are refused too while none can be written', async () => {
  const { fs, fault } = faulty();
  const door = await logged([toolOf('read')], { fs }, true);
  assert.is((await door.post(door.token(), call('read'))).status, 200);
  fault.write = 'EIO';
  const { body, headers } = modernCall('read', {}, 2);
  for (const sent of [[call('read'), {}] as const, [body, headers] as const]) {
    const refused = await door.post(door.token(), sent[0], sent[1]);
    assert.is(refused.body.error?.code, 503);
    assert.match(refused.body.error?.message ?? '', /the answer is kept back/);
  }
  // A refusal reveals nothing, and does not change.
  assert.is((await door.post(door.token({ scope: 'other' }), call('read'))).status, 403);
});

test('a disk that fails while the tool runs costs the answer, but not the record', async () => {
  const { fs, fault } = faulty();
  const { tool, runs } = counted('write', {
    ...change,
    handler: () => {
      fault.sync = 'EIO';
      runsOf += 1;
      return { content: [{ type: 'text', text: 'done' }] };
    },
  });
  let runsOf = runs();
  const door = await logged([tool], { fs });
  const answer = await door.post(door.token(APPROVED), call('write'));
  assert.is(answer.body.error?.code, 503);
  const [intent] = recordsIn(door.dir, 'default');
  assert.is(
    answer.body.error?.message,
    `Unavailable: the call ran, but its outcome cannot be recorded; its intent is recorded as ${intent?.callId}`,
  );
  assert.is(runsOf, 1);
});

mounting(test, 'endpoint/journal')('a real disk without room refuses what changes something', async () => {
  const dir = mount('size=64k');
  const { tool, runs } = counted('write', change);
  const door = await logged([tool], { dir: join(dir, 'audit') });
  assert.is((await door.post(door.token(APPROVED), call('write'))).status, 200);
  // The rest is read.
  let room = 64 * 1024;
  while (room > 0) {
    try {
      writeFileSync(join(dir, `rest-${room}`), Buffer.alloc(room));
    } catch {
      room = Math.floor(room / 2);
    }
  }
  let code: number | undefined;
  for (let turn = 0; turn < 60 && code === undefined; turn += 1) {
    code = (await door.post(door.token(APPROVED), call('write'))).body.error?.code;
  }
  assert.is(code, 503);
  const before = runs();
  assert.is((await door.post(door.token(APPROVED), call('write'))).body.error?.code, 503);
  assert.is(runs(), before);
  assert.is(await ready(door), 503);
});

test('a folder that cannot be created refuses changes from the start', async () => {
  const file = join(scratch(), 'file');
  writeFileSync(file, '');
  const { tool, runs } = counted('write', change);
  const door = await logged([tool, toolOf('read')], { dir: join(file, 'audit') });
  assert.is((await door.post(door.token(APPROVED), call('write'))).body.error?.code, 503);
  assert.is((await door.post(door.token(), call('read'))).status, 200);
  assert.is(runs(), 0);
  assert.is(await ready(door), 503);
});

test('the record says what was called, by whom, with which scopes, and the outcome, all redacted', async () => {
  const tool = toolOf('read', {
    handler: () => ({ structuredContent: { mail: 'bob@example.com' } }),
  });
  const door = await logged([tool]);
  const args = { text: 'ada@example.com and 4111 1111 1111 1111' };
  const sent = legacy('tools/call', { name: 'read', arguments: args }, 'x');
  await door.post(door.token(), sent, { 'mcp-protocol-version': '2025-11-25' });
  const [record] = recordsIn(door.dir, 'default');
  assert.equal(record?.args, { text: '[email] and [card]' });
  assert.equal(record?.response, { mail: '[email]' });
  assert.equal(record?.principal, { clientId: 'bench', issuer: door.issuer.issuer, user: 'ada' });
  assert.equal(record?.scopes, { held: ['bench:read'], needed: ['bench:read'] });
  assert.equal(
    [record?.requestId, record?.method, record?.tool, record?.server, record?.tenant, record?.revision],
    ['"x"', 'tools/call', 'read', 'bench', 'default', '2025-11-25'],
  );
  assert.type(record?.durationMs, 'number');
  assert.not.match(readFileSync(join(door.dir, filesIn(door.dir)[0] ?? ''), 'utf8'), /example\.com/);
});

test('arguments that no record could keep are counted and not read to the end', async () => {
  const door = await logged([toolOf('read')]);
  const long = (chars: number) =>
    legacy('tools/call', { name: 'read', arguments: { text: 'GB33 '.repeat(chars / 5) } });
  assert.is((await door.post(door.token(), long(20_000))).body.error?.code, 403);
  assert.is((await door.post(door.token(), long(500_000))).body.error?.code, 403);
  assert.equal(
    door.entries.map(({ entry }) => Object.keys(entry.args as object)),
    [['text'], ['omitted']],
  );
});

test('calls of two issuers that name the same tenant leave their records in folders of their own', async () => {
  const { audit, dir } = await bench();
  const [ours, theirs] = [await startIssuer(), await startIssuer()];
  const issuers = [{ issuer: ours.issuer }, { issuer: theirs.issuer }];
  const door = await guarded({ tools: [toolOf('read')], audit: { log: audit } }, { issuers }, ours);
  const named = { tenant: 'acme' };
  assert.is((await door.post(door.token(named), call('read'))).status, 200);
  const stolen = theirs.sign(door.claims({ ...named, iss: theirs.issuer, sub: 'eve' }));
  assert.is((await door.post(stolen, call('read'))).status, 200);
  await audit.close();
  const folders = filesIn(dir).filter((file) => file.endsWith('.jsonl'));
  assert.is(folders.length, 2);
  const users = folders.map((file) =>
    linesOf(join(dir, file)).map((line) => JSON.parse(line).principal.user),
  );
  assert.equal(users.sort(), [['ada'], ['eve']]);
});

test('a call that is cancelled, or takes too long, is recorded as such', async () => {
  let runs = 0;
  const slow = toolOf('slow', {
    handler: () => {
      runs += 1;
      return new Promise(() => {});
    },
  });
  const door = await logged([slow]);
  const { body, headers } = modernCall('slow', {}, 1);
  const left = new AbortController();
  const gone = fetch(door.url, {
    method: 'POST',
    body,
    headers: { ...headers, 'content-type': 'application/json', authorization: `Bearer ${door.token()}` },
    signal: left.signal,
  }).catch(() => 'gone');
  await until(() => runs === 1, 'the call runs');
  left.abort();
  await gone;
  await until(() => door.entries.length > 0);
  assert.is(door.entries[0]?.entry.outcome, 'cancelled');

  const audit = { log: door.audit };
  const bounds = { toolDeadlineMs: 20 };
  const late = await guarded({ tools: [slow], audit, bounds }, {}, door.issuer);
  await late.post(late.token(), call('slow'));
  assert.equal(
    recordsIn(door.dir, 'default').map(({ outcome }) => outcome),
    ['cancelled', 'timeout'],
  );
});

test('a call that continues as a task is recorded when it begins and when it ends', async () => {
  const tool = toolOf('write', {
    ...change,
    handler: (_args, { task }) =>
      task(async () => ({ content: [{ type: 'text', text: 'mail bob@example.com' }] })),
  });
  const door = await logged([tool]);
  const { body, headers } = modernCall('write', {
    'io.modelcontextprotocol/clientCapabilities': { extensions: { 'io.modelcontextprotocol/tasks': {} } },
  });
  await door.post(door.token(APPROVED), body, headers);
  await until(() => door.entries.length === 3);
  await door.audit.close();
  const records = recordsIn(door.dir, 'default');
  assert.equal(records.map(({ kind, outcome }) => [kind, outcome]).sort(), [
    ['intent', undefined],
    ['outcome', 'ok'],
    ['outcome', 'task'],
  ]);
  assert.is(new Set(records.map(({ callId }) => callId)).size, 1);
});

test('requests that reached no method are recorded with the reason, and so are malformed ones', async () => {
  const door = await logged([toolOf('read')]);
  await door.post(door.token(), '{');
  await door.post(door.token(), call('read'), { 'mcp-protocol-version': '1999-01-01' });
  await door.post(door.token(), call('read'), { 'content-type': 'text/plain' });
  await door.post('', call('read'));
  await door.post(door.token({ aud: 'https://elsewhere.example' }), call('read'));
  const put = await fetch(door.url, { method: 'PUT', headers: { authorization: `Bearer ${door.token()}` } });
  assert.is(put.status, 405);
  assert.equal(
    door.entries.map(({ entry }) => [entry.kind, entry.status, entry.tenant, entry.tool]),
    [
      ['refused', 400, 'default', undefined],
      ['refused', 400, 'default', 'read'],
      ['refused', 415, 'default', undefined],
      ['refused', 401, undefined, undefined],
      ['refused', 401, undefined, undefined],
      ['refused', 405, 'default', undefined],
    ],
  );
  assert.match(door.entries[4]?.entry.decision?.reason ?? '', /^audience: .*elsewhere/);
});

test('on stdio records are the same', async () => {
  const { audit, dir } = await bench();
  const { server } = createEndpoint({
    name: 'bench',
    version: '1',
    tools: [toolOf('read')],
    audit: { log: audit },
  });
  const input = new PassThrough();
  const output = new PassThrough();
  input.write(`${call('read')}\n`);
  input.end('{"jsonrpc":"2.0","id":2,"method":"initialize","params":{"protocolVersion":"x"}}\n');
  await serveStdio(server, input, output, {
    bodyBytes: 10_000,
    jsonDepth: 10,
    jsonMembers: 100,
    batchMessages: 10,
    drainMs: 100,
  });
  await audit.close();
  const records = recordsIn(dir, 'default');
  assert.equal(
    records.map(({ kind, tool, outcome, principal }) => [kind, tool, outcome, principal?.user]),
    [['refused', 'read', 'refused', 'stdio']],
  );
});

test.run();
