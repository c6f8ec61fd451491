/** Not watching costs nothing, and watching changes nothing. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEndpoint } from '../../src/index.js';
import type { Observe } from '../../src/lesson/trace/observe.js';
import { close, listen } from '../../src/wire/http/listener.js';
import { closeAll, dial, hasRead, legacy, raw, requestText, stand } from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { turn } from '../support/until.js';

const test = suite('trace/observe');
test.after(closeAll);

type Pair = { request: IncomingMessage; response: ServerResponse };
const WRAPPED = ['write', 'end', 'flushHeaders', 'push'];

/** One request to an endpoint in a server of the test's own, and what became of node's objects. */
async function served(observe?: Observe): Promise<{ pair: Pair; body: string }> {
  const endpoint = createEndpoint({
    name: 'bench',
    version: '1',
    tools: [toolOf('t')],
    ...(observe && { observe }),
  });
  let pair: Pair | undefined;
  const server = createServer((request, response) => {
    endpoint.handle(request, response);
    pair = { request, response };
  });
  const port = await listen(server, 0, '127.0.0.1');
  const answer = await fetch(`http://localhost:${port}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: legacy('ping'),
  });
  const body = await answer.text();
  await close(server, 100);
  if (pair === undefined) throw new Error('nothing came');
  return { pair, body };
}

const own = ({ request, response }: Pair): string[] =>
  WRAPPED.filter((name) => Object.hasOwn(request, name) || Object.hasOwn(response, name));

test('while nobody watches, no request or response is wrapped', async () => {
  const { pair, body } = await served();
  assert.equal(own(pair), []);
  assert.equal(JSON.parse(body).result, {});
});

test('an exchange that the hook declines is left alone, and one that it accepts is wrapped', async () => {
  let asked = 0;
  const refused = await served(() => {
    asked += 1;
    return undefined;
  });
  assert.is(asked, 1);
  assert.equal(own(refused.pair), []);
  const calls: string[] = [];
  const tell = (name: string) => (): void => void calls.push(name);
  const wanted = await served(() => ({
    received: tell('received'),
    receivedAll: tell('receivedAll'),
    authenticated: tell('authenticated'),
    decided: tell('decided'),
    handled: tell('handled'),
    refused: tell('refused'),
    recorded: tell('recorded'),
    headed: tell('headed'),
    sent: tell('sent'),
    ended: tell('ended'),
  }));
  assert.equal(own(wanted.pair), WRAPPED);
  assert.equal(JSON.parse(wanted.body).result, {});
  assert.equal(calls, ['received', 'receivedAll', 'handled', 'headed', 'sent', 'ended']);
});

test('a watched response is the same to the byte, and the observer gets the same bytes', async () => {
  const progress = toolOf('slow', {
    handler: async (_args, context) => {
      context.progress(1);
      await turn();
      return { content: [{ type: 'text', text: 'done' }] };
    },
  });
  const head: string[] = [];
  const parts: string[] = [];
  const bytes: string[] = [];
  const ignore = (): void => {};
  const observe: Observe = () => ({
    received: (part) => void bytes.push(Buffer.from(part).toString()),
    ...{ receivedAll: ignore, authenticated: ignore, decided: ignore, handled: ignore },
    ...{ refused: ignore, recorded: ignore, ended: ignore },
    headed: (text) => void head.push(text),
    sent: (part) => void parts.push(String(part)),
  });
  const body = legacy('tools/call', { name: 'slow', _meta: { progressToken: 1 } });
  const text = requestText({ body, headers: { accept: 'text/event-stream', connection: 'close' } });
  const ask = async (more: { observe?: Observe }): Promise<string> => {
    const { port } = await stand({ tools: [progress], ...more });
    return (await raw(port, text)).replace(/^date: .*$/im, '');
  };
  const [plain, seen] = [await ask({}), await ask({ observe })];
  assert.is(seen, plain);
  assert.is(bytes.join(''), body);
  assert.is(head.length, 1);
  assert.match(seen.replaceAll('\r', ''), (head[0] ?? '').replaceAll('\r', '').split('\n')[1] ?? '');
  for (const part of parts) assert.ok(seen.includes(part), part);
  assert.match(parts.join(''), 'notifications/progress');
});

test('the observer gets a body in its parts, and the method gets it as a whole', async () => {
  const parts: string[] = [];
  const ignore = (): void => {};
  const observe: Observe = () => ({
    received: (part) => void parts.push(Buffer.from(part).toString()),
    ...{ receivedAll: ignore, authenticated: ignore, decided: ignore, handled: ignore, sent: ignore },
    ...{ refused: ignore, recorded: ignore, headed: ignore, ended: ignore },
  });
  const { port } = await stand({ observe });
  const text = requestText({ body: legacy('ping'), headers: { connection: 'close' } });
  const wire = dial(port).send(text.slice(0, -20));
  await hasRead(port);
  assert.match(await wire.send(text.slice(-20)).toEnd(), '"result":{}');
  assert.is(parts.join(''), legacy('ping'));
  assert.ok(parts.length >= 2);
});

test.run();
