/** The official TypeScript SDK, version 1, as its example "simple streamable HTTP server" has it: one transport for each session. */
import { randomUUID } from 'node:crypto';
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';

const readOnly = { readOnlyHint: true };

function makeServer() {
  const server = new McpServer({ name: 'typescript-1', version: '1.0.0' });
  server.registerTool(
    'add',
    {
      description: 'Adds two numbers.',
      inputSchema: { a: z.number(), b: z.number() },
      outputSchema: { sum: z.number() },
      annotations: readOnly,
    },
    async ({ a, b }) => {
      const structuredContent = { sum: a + b };
      return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
    },
  );
  server.registerTool(
    'greet',
    { description: 'Greets someone.', inputSchema: { name: z.string() }, annotations: readOnly },
    async ({ name }) => ({ content: [{ type: 'text', text: `Hello, ${name}!` }] }),
  );
  server.registerTool(
    'count',
    {
      description: 'Counts slowly.',
      inputSchema: { to: z.number().int().min(1).max(20) },
      annotations: readOnly,
    },
    async ({ to }, extra) => {
      const { progressToken } = extra._meta ?? {};
      for (let progress = 1; progress <= to; progress += 1) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        const params = { progressToken, progress, total: to };
        if (progressToken !== undefined)
          await extra.sendNotification({ method: 'notifications/progress', params });
      }
      return { content: [{ type: 'text', text: `counted to ${to}` }] };
    },
  );
  server.registerResource(
    'welcome',
    'note://welcome',
    { description: 'A note.', mimeType: 'text/plain' },
    async (uri) => ({ contents: [{ uri: uri.href, mimeType: 'text/plain', text: 'Welcome.' }] }),
  );
  server.registerResource(
    'greeting',
    new ResourceTemplate('greeting://{name}', { list: undefined }),
    { description: 'A greeting.', mimeType: 'text/plain' },
    async (uri, { name }) => ({
      contents: [{ uri: uri.href, mimeType: 'text/plain', text: `Hello, ${name}!` }],
    }),
  );
  server.registerPrompt(
    'review',
    { description: 'Asks for a review.', argsSchema: { text: z.string() } },
    ({ text }) => ({
      messages: [{ role: 'user', content: { type: 'text', text: `Please review: ${text}` } }],
    }),
  );
  return server;
}

const transports = new Map();

async function post(request, response) {
  const id = request.headers['mcp-session-id'];
  let transport = transports.get(id);
  if (transport === undefined && id === undefined && isInitializeRequest(request.body)) {
    transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (session) => transports.set(session, transport),
    });
    transport.onclose = () => transports.delete(transport.sessionId);
    await makeServer().connect(transport);
  }
  if (transport !== undefined) return transport.handleRequest(request, response, request.body);
  const [status, code, message] =
    id === undefined
      ? [400, -32000, 'Bad Request: No valid session ID provided']
      : [404, -32001, 'Session not found'];
  response.status(status).json({ jsonrpc: '2.0', error: { code, message }, id: null });
}

async function getOrDelete(request, response) {
  const id = request.headers['mcp-session-id'];
  if (id === undefined) return void response.status(400).send('Missing session ID');
  const transport = transports.get(id);
  if (transport !== undefined) return transport.handleRequest(request, response);
  response
    .status(404)
    .json({ jsonrpc: '2.0', error: { code: -32001, message: 'Session not found' }, id: null });
}

if (process.argv[2] === 'stdio') await makeServer().connect(new StdioServerTransport());
else {
  const app = createMcpExpressApp();
  app.post('/mcp', post);
  app.get('/mcp', getOrDelete);
  app.delete('/mcp', getOrDelete);
  app.listen(Number(process.argv[2]), '127.0.0.1');
}
