/** A saved transcript can be read and played again, and the curl command works. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { play } from '../../src/lesson/player/play.js';
import { curlOf } from '../../src/lesson/trace/curl.js';
import type { TracedExchange } from '../../src/lesson/trace/exchange.js';
import { wireOf } from '../../src/lesson/trace/wire.js';
import { readTranscript, type Transcript } from '../../src/lesson/transcripts/transcript.js';
import { call, closeGuarded } from '../endpoint/guarded.js';
import { legacy, MODERN, modernCall } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { paste } from '../support/process.js';
import { needing } from '../support/programs.js';
import { inHeldTime } from '../support/time.js';
import { type Watched, watched } from './watched.js';

const test = suite('trace/wire');
test.after(closeGuarded);

function saved(traced: TracedExchange): Transcript {
  const text = wireOf(traced) ?? '';
  const reading = readTranscript(text);
  if (reading.kind === 'refused') throw new Error(`${reading.line}: ${reading.problem}\n${text}`);
  return reading.transcript;
}

async function replayed(door: Watched, traced: TracedExchange): Promise<string | undefined> {
  const stage = { addresses: { readonly: door.url }, tokens: { readonly: door.token() } };
  return (await play(saved(traced), stage)).failure;
}

const odd = toolOf('odd', {
  handler: async (_args, context) => {
    context.progress(1);
    return {
      content: [{ type: 'text', text: `{{any}} of bob@example.com at ${new Date().toISOString()}` }],
    };
  },
});

test('a call, a handshake, a refusal, a notification and broken JSON play again', async () => {
  const door = await watched({ tools: [toolOf('t'), odd] });
  const { headers, body } = modernCall('t');
  const initialize = {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'c', version: '1' },
  };
  await door.post(door.token(), body, headers);
  await door.post(door.token(), legacy('initialize', initialize));
  await door.post('', legacy('ping'));
  await door.post(door.token({ exp: 1 }), legacy('ping'));
  await door.post(door.token(), { jsonrpc: '2.0', method: 'notifications/initialized' });
  await door.post(door.token(), '{"a": "{{x}}",\n@b');
  await door.post(door.token(), call('odd'));
  await door.post(door.token(), legacy('server/discover', { _meta: MODERN }), {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/list',
  });
  await fetch(new URL('/.well-known/oauth-protected-resource/mcp', door.url));
  for (let number = 1; number <= 9; number += 1) {
    const traced = await door.over(number);
    assert.is(await replayed(door, traced), undefined, wireOf(traced));
  }
  assert.equal(door.errors, []);
});

test('a difference is noticed', async () => {
  const door = await watched();
  await door.post(door.token(), legacy('ping'));
  const traced = await door.over(1);
  const { answer } = traced;
  if (answer === undefined) throw new Error('no answer');
  const other = { ...traced, answer: { ...answer, line: 'HTTP/1.1 418 Teapot' } };
  assert.match((await replayed(door, other)) ?? '', '418');
});

test('a stream plays again, event by event', async () => {
  const door = await watched({ tools: [odd] });
  const params = { name: 'odd', _meta: { progressToken: 1 } };
  await door.post(door.token(), legacy('tools/call', params), { accept: 'text/event-stream' });
  const traced = await door.over(1);
  assert.is(traced.answer?.stream, true);
  assert.is(await replayed(door, traced), undefined, wireOf(traced));
});

test('a call plays again, whether the answers are JSON or streams', () =>
  inHeldTime(async (time) => {
    // What takes longer than 20 ms is answered with a stream.
    let slow = true;
    const changing = toolOf('changing', {
      handler: async () => {
        // The stream is opened by a timer, which is set once the handler has returned a promise.
        await undefined;
        if (slow) await time.pass(120);
        return { content: [{ type: 'text', text: 'the same' }] };
      },
    });
    const door = await watched({ tools: [changing], bounds: { keepAliveMs: 20 } });
    for (const [number, wasSlow] of [
      [1, true],
      [3, false],
    ] as const) {
      slow = wasSlow;
      const { headers, body } = modernCall('changing');
      await door.post(door.token(), body, headers);
      const traced = await door.over(number);
      assert.is(traced.answer?.stream, wasSlow);
      slow = !wasSlow;
      assert.is(await replayed(door, traced), undefined, wireOf(traced));
      assert.is((await door.over(number + 1)).answer?.stream, !wasSlow);
    }
    const one = await door.over(1);
    const text = (wireOf(one) ?? '').replace('the same', 'another');
    const reading = readTranscript(text);
    if (reading.kind === 'refused') throw new Error(reading.problem);
    const stage = { addresses: { readonly: door.url }, tokens: { readonly: door.token() } };
    assert.match((await play(reading.transcript, stage)).failure ?? '', 'another');
  }));

test('the title says what happened, the clauses are those of its notes, and the server is named', async () => {
  const door = await watched();
  const { headers, body } = modernCall('t');
  await door.post(door.token(), body, headers);
  const traced = await door.over(1);
  const { title, clauses, server } = saved({ ...traced, server: 'destructive' });
  assert.is(title, 'tools/call t as it was answered with 200');
  assert.ok(clauses.includes('2026-07-28/streamable-http/007'), clauses.join(' '));
  assert.is(server, 'destructive');
});

test('an exchange that was cut cannot be saved', async () => {
  const door = await watched();
  await door.post(
    door.token(),
    legacy('tools/call', { name: 't', arguments: { text: 'x '.repeat(50_000) } }),
  );
  const traced = await door.over(1);
  assert.is(traced.body.cut, true);
  assert.ok(traced.body.bytes > 100_000);
  assert.is(wireOf(traced), undefined);
});

needing(
  test,
  'trace/wire',
  'bash',
  'curl',
)('the line for curl gets the same answer, quotes and all', async () => {
  const door = await watched({ tools: [odd] });
  const params = { name: 'odd', arguments: { text: `it's "$HOME" \`id\`` } };
  const first = await door.post(door.token(), legacy('tools/call', params), { 'x-own': `it's $(id)` });
  const line = curlOf(await door.over(1));
  assert.match(line, /^curl -s http:\/\/localhost:\d+\/mcp \\$/m);
  assert.match(line, '-H "authorization: Bearer $TOKEN"');
  const { stdout } = await paste(line, { TOKEN: door.token() });
  assert.is(JSON.parse(stdout).id, first.body.result === undefined ? '' : 1);
  const again = await door.over(2);
  assert.is(again.body.text, (await door.over(1)).body.text);
  assert.is(again.headers.find(({ name }) => name === 'x-own')?.value, `it's $(id)`);
});

test.run();
