/**
 * Many clients that listen: listeners.mjs URL COUNT. Sends a message to its parent once all streams are acknowledged, and one
 * more once all have been told of a change of the tools. Bare sockets, so that it keeps up.
 */
import { connect } from 'node:net';

const [address, count] = [new URL(process.argv[2]), Number(process.argv[3])];
/** Sockets that are being opened at the same time. */
const AT_ONCE = 200;

const body = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'subscriptions/listen',
  params: {
    notifications: { toolsListChanged: true },
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
});
const request = [
  `POST ${address.pathname} HTTP/1.1`,
  `host: ${address.host}`,
  'content-type: application/json',
  'accept: application/json, text/event-stream',
  'mcp-protocol-version: 2026-07-28',
  'mcp-method: subscriptions/listen',
  `content-length: ${body.length}`,
  '',
  body,
].join('\r\n');

const heard = { acknowledged: 0, list_changed: 0 };
let opened = 0;

function open() {
  if (opened === count) return;
  opened += 1;
  const socket = connect(Number(address.port), address.hostname, () => socket.write(request));
  const seen = new Set();
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
    for (const word of Object.keys(heard)) {
      if (seen.has(word) || !text.includes(`${word}"`)) continue;
      seen.add(word);
      heard[word] += 1;
      if (word === 'acknowledged') open();
      if (heard[word] === count) process.send(word);
    }
  });
  socket.on('error', fail).on('end', () => fail(new Error(`a stream ended: ${text}`)));
}
function fail(error) {
  console.error(error);
  process.exit(1);
}
for (let at = 0; at < AT_ONCE; at += 1) open();
