/**
 * What all is measured against: node:http, JSON.parse of the body, the work, JSON.stringify of the answer. It knows nothing of
 * MCP: no header is looked at, nothing is checked.
 */
import { createServer } from 'node:http';

const text = (said) => ({ content: [{ type: 'text', text: said }] });
const WORK = {
  add({ a, b }) {
    const structuredContent = { sum: a + b };
    return { ...text(JSON.stringify(structuredContent)), structuredContent };
  },
  measure: (args) => text(String(args.text.length)),
  fill: ({ size }) => text('x'.repeat(size)),
};

const server = createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const body = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    const { id, params } = JSON.parse(body.toString());
    const answer = JSON.stringify({ jsonrpc: '2.0', id, result: WORK[params.name](params.arguments) });
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(answer),
    });
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/mcp`));
