/**
 * mcp-lite as its README has it, with the session adapter in memory that it recommends for one server. Its handler takes a `Request` and
 * returns a `Response`; Node has both, so a few lines connect it to node:http. It has no stdio.
 */
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { InMemorySessionAdapter, McpServer, StreamableHttpTransport } from 'mcp-lite';
import * as z from 'zod';

const annotations = { readOnlyHint: true };
const port = Number(process.argv[2]);
const server = new McpServer({
  name: 'mcp-lite',
  version: '1.0.0',
  schemaAdapter: (schema) => z.toJSONSchema(schema),
});
server.tool('add', {
  description: 'Adds two numbers.',
  inputSchema: z.object({ a: z.number(), b: z.number() }),
  outputSchema: z.object({ sum: z.number() }),
  annotations,
  handler: ({ a, b }) => {
    const structuredContent = { sum: a + b };
    return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
  },
});
server.tool('greet', {
  description: 'Greets someone.',
  inputSchema: z.object({ name: z.string() }),
  annotations,
  handler: ({ name }) => ({ content: [{ type: 'text', text: `Hello, ${name}!` }] }),
});
server.tool('count', {
  description: 'Counts slowly.',
  inputSchema: z.object({ to: z.number().int().min(1).max(20) }),
  annotations,
  handler: async ({ to }, context) => {
    for (let progress = 1; progress <= to; progress += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await context.progress?.({ progress, total: to });
    }
    return { content: [{ type: 'text', text: `counted to ${to}` }] };
  },
});
server.resource('note://welcome', { name: 'welcome', mimeType: 'text/plain' }, async (uri) => ({
  contents: [{ uri: uri.href, text: 'Welcome.', mimeType: 'text/plain' }],
}));
server.resource('greeting://{name}', { name: 'greeting', mimeType: 'text/plain' }, async (uri, { name }) => ({
  contents: [{ uri: uri.href, text: `Hello, ${name}!`, mimeType: 'text/plain' }],
}));
server.prompt('review', {
  description: 'Asks for a review.',
  arguments: z.object({ text: z.string() }),
  handler: ({ text }) => ({
    messages: [{ role: 'user', content: { type: 'text', text: `Please review: ${text}` } }],
  }),
});

const handle = new StreamableHttpTransport({
  sessionAdapter: new InMemorySessionAdapter({ maxEventBufferSize: 1024 }),
  allowedHosts: [`127.0.0.1:${port}`, `localhost:${port}`],
}).bind(server);

createServer(async (request, response) => {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
  const answer = await handle(
    new Request(`http://${request.headers.host}${request.url}`, {
      method: request.method,
      headers: Object.entries(request.headersDistinct).flatMap(([name, values]) =>
        values.map((value) => [name, value]),
      ),
      signal: gone.signal,
      ...(hasBody ? { body: Readable.toWeb(request), duplex: 'half' } : {}),
    }),
  );
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body === null) return void response.end();
  Readable.fromWeb(answer.body)
    .on('error', () => response.destroy())
    .pipe(response);
}).listen(port, '127.0.0.1');
