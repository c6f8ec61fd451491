/** Streams that stay open over HTTP: what one may cost, and that nothing remains of those that have ended. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Changes } from '../../src/index.js';
import {
  closeAll,
  dial,
  headerOf,
  held,
  legacy,
  MODERN,
  modernCall,
  raw,
  requestText,
  stand,
  statusOf,
  type Wire,
} from '../http/wire.js';
import { toolOf } from '../mcp/ask.js';
import { until } from '../support/until.js';

const test = suite('endpoint/listening');
test.after(closeAll);

class Counted extends Changes {
  count = 0;
  override listen(listener: Parameters<Changes['listen']>[0]): () => void {
    this.count += 1;
    const end = super.listen(listener);
    return () => {
      this.count -= 1;
      end();
    };
  }
}
const resourceTemplates = [{ uriTemplate: 'note://{id}', name: 'note', read: () => [] }];

function listenText(notifications: object, more: object = {}): string {
  const params = { notifications, ...more, _meta: MODERN };
  const headers = {
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'subscriptions/listen',
  };
  return requestText({
    headers,
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params }),
  });
}
const acknowledged = (wire: Wire): Promise<string> =>
  wire.until((text) => text.includes('subscriptions/acknowledged'));
async function answerTo(port: number, text: string): Promise<string> {
  const wire = dial(port).send(text);
  const answer = await wire.until((came) => came.includes('\r\n\r\n') && came.length > 200);
  wire.socket.destroy();
  return answer;
}

test('a request to listen may be as long as a thousand URIs, and no longer', async () => {
  const { port } = await stand({ resourceTemplates });
  const uris = Array.from({ length: 1_000 }, (_, index) => `note://${String(index).padStart(40, '0')}`);
  assert.is(statusOf(await answerTo(port, listenText({ resourceSubscriptions: uris }))), 200);
  const junk = { junk: 'x'.repeat(64 * 1024) };
  for (const text of [
    listenText({ toolsListChanged: true }, junk),
    listenText({ resourceSubscriptions: uris.map((uri) => uri + 'y'.repeat(100)) }),
  ]) {
    const refused = await answerTo(port, text);
    assert.is(statusOf(refused), 413);
    assert.match(refused, /subscriptions\/listen has at most 65536 bytes/);
  }
});
test('there are no more streams than the bound allows; one that leaves makes room', async () => {
  const changes = new Counted();
  const { port } = await stand({ changes, bounds: { openStreams: 2 } });
  const wires = [dial(port), dial(port)];
  for (const wire of wires) await acknowledged(wire.send(listenText({ toolsListChanged: true })));
  assert.is(statusOf(await answerTo(port, listenText({ toolsListChanged: true }))), 503);
  wires[0]?.socket.destroy();
  await until(() => changes.count <= 1);
  const again = dial(port).send(listenText({ toolsListChanged: true }));
  await acknowledged(again);
  assert.is(headerOf(again.text, 'content-type'), 'text/event-stream');
  for (const wire of [...wires, again]) wire.socket.destroy();
});
test('a thousand listeners that came and went leave nothing behind', async () => {
  const changes = new Counted();
  const { port, errors } = await stand({ changes, tools: [toolOf('t')] });
  for (let round = 0; round < 20; round += 1) {
    const wires = Array.from({ length: 50 }, () => dial(port).send(listenText({ toolsListChanged: true })));
    await Promise.all(wires.map(acknowledged));
    assert.is(changes.count, 50);
    for (const wire of wires) wire.socket.destroy();
    await until(() => changes.count === 0);
  }
  assert.equal(errors, []);
});
test('no more clients listen than the bound allows, whatever else runs; the next is told when to come back', async () => {
  const { tool, started, letGo } = held();
  const { port, url } = await stand({ tools: [tool], bounds: { openStreams: 1 } });
  const running = raw(
    port,
    requestText({ ...modernCall('held'), headers: { ...modernCall('held').headers, connection: 'close' } }),
  );
  await started;
  const { _meta } = JSON.parse(modernCall('held').body).params;
  const listen = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'subscriptions/listen',
    },
    body: legacy('subscriptions/listen', { notifications: { toolsListChanged: true }, _meta }),
  };
  const first = await fetch(url, listen);
  assert.is(first.status, 200);
  const second = await fetch(url, listen);
  assert.equal([second.status, second.headers.get('retry-after')], [503, '10']);
  await first.body?.cancel();
  letGo();
  assert.is(statusOf(await running), 200);
});

test.run();
