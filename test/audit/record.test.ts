import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AuditEntry } from '../../src/governance/audit/record.js';
import { isSealed, layOut, readLink, seal } from '../../src/governance/audit/record-line.js';
import { traceIdOf } from '../../src/governance/audit/recorder.js';
import { canonicalJson } from '../../src/wire/jsonrpc/json.js';
import { ENTRY, NOON } from './logs.js';

const test = suite('audit/record');
const AT = new Date(NOON);
const PREV = 'a'.repeat(64);

function recordOf(entry: AuditEntry, maxChars = 8192) {
  const { line, hash } = seal(layOut(entry, AT, 'r1', maxChars), 7, PREV);
  return { line: line.slice(0, -1), hash, record: JSON.parse(line) };
}

test('the hash is that of the canonical JSON without the member hash, whatever the record holds', () => {
  const text = fc.string({ unit: 'binary' });
  const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  const entries: fc.Arbitrary<AuditEntry> = fc.record({
    kind: fc.constantFrom('intent', 'outcome', 'refused', 'approval', 'log'),
    tenant: some(text),
    issuer: some(text),
    requestId: some(text),
    traceId: some(text),
    principal: some(fc.record({ issuer: text, user: text, clientId: text })),
    client: some(text),
    revision: some(text),
    server: some(text),
    method: some(text),
    tool: some(text),
    scopes: some(fc.record({ held: fc.array(text), needed: fc.array(text) })),
    decision: some(
      fc.record(
        { allow: fc.boolean(), reason: text, policy: text, id: text, enforced: fc.boolean() },
        { requiredKeys: ['allow', 'reason'] },
      ),
    ),
    outcome: some(text),
    status: some(fc.integer()),
    durationMs: some(fc.double()),
    args: fc.jsonValue(),
    response: fc.jsonValue(),
    approvalId: some(text),
    summary: some(
      fc.record({
        from: text,
        to: text,
        reasons: fc.dictionary(text, fc.record({ count: fc.nat(), recorded: fc.nat() })),
      }),
    ),
    notice: some(fc.record({ what: text })),
  });
  fc.assert(
    fc.property(entries, fc.constantFrom(40, 8192), (entry, maxChars) => {
      const { line, hash, record } = recordOf(entry, maxChars);
      const { hash: stated, ...rest } = record;
      assert.is(stated, hash);
      assert.is(createHash('sha256').update(canonicalJson(rest)).digest('hex'), hash);
      assert.ok(isSealed(line, hash));
      assert.is(readLink(line)?.seq, 7);
      assert.not.match(line, '\n');
    }),
  );
});

test('a record says when, where, who, what, why and how it ended', () => {
  const { record } = recordOf({
    ...ENTRY,
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    client: 'curl 8',
    revision: '2026-07-28',
    durationMs: 3.5,
    response: { rows: [] },
    approvalId: 'approval-1',
  });
  const { hash, ...rest } = record;
  assert.match(hash, /^[0-9a-f]{64}$/);
  const { issuer: _, ...entry } = ENTRY;
  assert.equal(rest, {
    ...entry,
    time: NOON,
    seq: 7,
    replica: 'r1',
    prev: PREV,
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    client: 'curl 8',
    revision: '2026-07-28',
    durationMs: 3.5,
    response: { rows: [] },
    approvalId: 'approval-1',
  });
});

test('the issuer of the tenant is added where the principal does not name it', () => {
  const issuer = 'https://issuer.example';
  const issuerOf = (entry: AuditEntry) => recordOf(entry).record.issuer;
  assert.is(issuerOf({ ...ENTRY, issuer }), issuer);
  assert.is(issuerOf({ ...ENTRY, issuer, principal: undefined }), issuer);
  assert.is(issuerOf({ ...ENTRY, issuer: ENTRY.principal.issuer }), undefined);
});

test('a value of the largest length is kept, and of a longer one only its length and digest', () => {
  const response = { text: 'x'.repeat(100) };
  const chars = JSON.stringify(response).length;
  assert.equal(recordOf({ ...ENTRY, response }, chars).record.response, response);
  const { record } = recordOf({ ...ENTRY, response, args: 'y'.repeat(chars) }, chars - 1);
  assert.is(record.response, undefined);
  assert.is(record.args, undefined);
  const sha256 = createHash('sha256').update(JSON.stringify(response)).digest('hex');
  assert.equal(record.responseCut, { chars, sha256 });
  assert.is(record.argsCut.chars, chars + 2);
});

test('everything that an outsider can make long is limited: names, reasons, lists', () => {
  const long = '\u0007'.repeat(1_000_000);
  const { line } = recordOf({
    ...ENTRY,
    tenant: long,
    tool: long,
    client: long,
    requestId: long,
    traceId: long,
    principal: { issuer: long, user: long, clientId: long },
    scopes: { held: Array(5000).fill('s'), needed: [] },
    decision: { allow: false, reason: long },
  });
  assert.ok(line.length < 100_000, String(line.length));
  assert.match(line, '... and 4800 more');
});

test('a value that is not JSON does not lose the record', () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  assert.is(recordOf({ ...ENTRY, response: circle }).record.response, '(not JSON)');
  assert.is(recordOf({ ...ENTRY, response: { n: 1n } }).record.response, '(not JSON)');
  assert.is(recordOf({ ...ENTRY, response: () => 1 }).record.response, null);
  assert.is(recordOf({ ...ENTRY, args: AT }).record.args, NOON);
});

test('a caller can neither make a value look cut nor add a member of its own', () => {
  const args = { chars: 1, sha256: PREV, hash: PREV, prev: PREV };
  const { record } = recordOf({ ...ENTRY, args });
  assert.equal(record.args, args);
  assert.is(record.argsCut, undefined);
  assert.is(record.seq, 7);
});

test('a line with a changed byte, or in another spelling than its only one, is not sealed', () => {
  const { line, hash } = recordOf(ENTRY);
  assert.ok(isSealed(line, hash));
  assert.not.ok(isSealed(line.replace('alice', 'alicf'), hash));
  assert.not.ok(isSealed(`${line} `, hash));
  assert.not.ok(isSealed(line.replace('"kind":', '"kind": '), hash));
});

test('something that is not a record has no place in a chain', () => {
  const good = { seq: 1, prev: PREV, hash: PREV };
  assert.is(readLink(JSON.stringify(good))?.seq, 1);
  const wrong = ['', '{', '[]', 'null', { ...good, seq: 0 }, { ...good, seq: 1.5 }, { ...good, hash: 'x' }];
  for (const one of wrong)
    assert.is(readLink(typeof one === 'string' ? one : JSON.stringify(one)), undefined);
});

test('a trace id is read from a valid traceparent only', () => {
  const id = '4bf92f3577b34da6a3ce929d0e0e4736';
  const rows: [header: string | undefined, expected: string | undefined][] = [
    [`00-${id}-00f067aa0ba902b7-01`, id],
    [`01-${id}-00f067aa0ba902b7-01-more`, id],
    [undefined, undefined],
    ['', undefined],
    [`00-${id}-00f067aa0ba902b7-01-more`, undefined],
    [`ff-${id}-00f067aa0ba902b7-01`, undefined],
    [`00-${id.toUpperCase()}-00f067aa0ba902b7-01`, undefined],
    [`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, undefined],
    [`00-${id}-0000000000000000-01`, undefined],
  ];
  for (const [header, expected] of rows) assert.is(traceIdOf(header), expected, header);
});

test.run();
