/** `slo`: whether the promise of the manifest was kept, and the exit code that says so. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sloCommand, sloReport } from '../../src/app/commands/slo.js';
import { createOperations } from '../../src/app/operations.js';
import { readSamples } from '../../src/services/exposition.js';
import { Fault } from '../../src/wire/fault.js';
import { replyOf } from '../../src/wire/mcp/dispatch.js';
import { type Reply, refuse } from '../../src/wire/mcp/reply.js';
import { closeAll, modernCall, raw, requestText, stand } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';

const test = suite('endpoint/slo');
test.after(closeAll);

const OK = replyOf(200, { jsonrpc: '2.0', id: 1, result: {} });
const refusal = (name: ConstructorParameters<typeof Fault>[0]): Reply =>
  refuse(1, new Fault(name, 'x'), 'modern');

/** A server that promises 99.5 % and half a second. */
function reportOn(
  calls: readonly (readonly [count: number, reply: Reply | undefined, seconds: number])[],
  more = '',
) {
  const operations = createOperations(() => true, 0.5);
  for (const [count, reply, seconds] of calls)
    for (let each = 0; each < count; each += 1)
      operations.observe('tools/call', 't', '2026-07-28', reply, seconds);
  const slo = 'barewire_slo_availability_ratio 0.995\nbarewire_slo_p99_seconds 0.5\n';
  return sloReport([readSamples(operations.text() + slo + more)]);
}

test('a promise allows a share of slow or failed answers, and no more', () => {
  assert.ok(
    reportOn([
      [99, OK, 0.5],
      [1, OK, 0.6],
    ]).isKept,
  );
  assert.not(
    reportOn([
      [98, OK, 0.5],
      [2, OK, 0.6],
    ]).isKept,
  );
  assert.ok(
    reportOn([
      [199, OK, 0.1],
      [1, refusal('busy'), 0.1],
    ]).isKept,
  );
  assert.not(
    reportOn([
      [198, OK, 0.1],
      [2, refusal('internalError'), 0.1],
    ]).isKept,
  );
});

test('a refusal that a caller, a person or a tool caused breaks no promise', () => {
  const others = [refusal('quotaSpent'), refusal('insufficientScope'), refusal('invalidParams'), undefined];
  assert.ok(reportOn(others.map((reply) => [10, reply, 0.1] as const)).isKept);
});

test('a token that could not be checked counts as a call without an answer', () => {
  const unchecked = 'mcp_authorization_refused_total{reason="unreachable"} 2\n';
  const { lines, isKept } = reportOn([[98, OK, 0.1]], unchecked);
  assert.not(isKept);
  assert.equal(lines, [
    'calls since the start: 100',
    'answered: 98 %, promised 99.5 %: not kept',
    'answered within 0.5 s: 100 %, promised 99 %: kept',
  ]);
});

test('replicas are added up, and must promise the same', () => {
  const slo = (ms: number) =>
    readSamples(`barewire_slo_availability_ratio 0.99\nbarewire_slo_p99_seconds ${ms}\n`);
  assert.equal(sloReport([slo(1), slo(1)]), { lines: ['no tool was called yet'], isKept: true });
  assert.throws(() => sloReport([slo(1), slo(2)]), /promise different things/);
  assert.throws(() => sloReport([[]]), /names? what its manifest promises/);
});

test('the command reads the metrics of a server with the secret of the operator', async () => {
  const operatorSecret = 'a-secret-of-the-operator';
  const manifest = { owner: 'us', slo: { availabilityPercent: 99, p99Ms: 60_000 } };
  const { port, url } = await stand({ tools: [toolOf('t')], operatorSecret, manifest });
  const { headers, body } = modernCall('t');
  await raw(port, requestText({ headers: { connection: 'close', ...headers }, body }));
  const lines: string[] = [];
  const io = { print: (line: string) => void lines.push(line), signal: new AbortController().signal };
  const args = ['--metrics', new URL('/metrics', url).href];
  assert.is(await sloCommand(args, { BAREWIRE_OPERATOR_SECRET: operatorSecret }, io), 0);
  assert.is(lines[0], 'calls since the start: 1');
  const failure = await sloCommand(args, {}, io).catch(String);
  assert.match(
    String(failure),
    /answered 404; is this the address of metrics, and is the operator's secret right/,
  );
  const wrong = await sloCommand(['--metrics', 'ftp://x'], {}, io).catch((error: Error) => error.message);
  assert.is(wrong, '--metrics: expected an http or https URL, received "ftp://x"');
});

test.run();
