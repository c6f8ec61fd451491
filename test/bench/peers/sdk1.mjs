/**
 * The official SDK, version 1. `stateless` and `sessions` are as its examples have them: express, and a server and transport for
 * each request or each session. `tuned` is stateless without express, with one validator and one set of schemas for all.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import * as z from 'zod';

const mode = process.argv[2] ?? 'stateless';
const tuned = mode === 'tuned';
const numbers = () => z.object({ a: z.number(), b: z.number() });
const sums = () => z.object({ sum: z.number() });
const shared = { input: numbers(), output: sums() };
const options = tuned ? { jsonSchemaValidator: new AjvJsonSchemaValidator() } : {};

function makeServer() {
  const server = new McpServer({ name: 'bench', version: '1.0.0' }, options);
  server.registerTool(
    'add',
    {
      description: 'Adds two numbers.',
      inputSchema: tuned ? shared.input : numbers(),
      outputSchema: tuned ? shared.output : sums(),
    },
    async ({ a, b }) => {
      const structuredContent = { sum: a + b };
      return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
    },
  );
  return server;
}

async function standalone(request, response) {
  const server = makeServer();
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: undefined,
    enableJsonResponse: tuned,
  });
  await server.connect(transport);
  response.on('close', () => {
    transport.close();
    server.close();
  });
  await transport.handleRequest(request, response, request.body);
}

const transports = new Map();
async function inSession(request, response) {
  let transport = transports.get(request.headers['mcp-session-id']);
  if (transport === undefined && isInitializeRequest(request.body)) {
    transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => transports.set(id, transport),
    });
    await makeServer().connect(transport);
  }
  if (transport === undefined) return void response.status(404).end();
  await transport.handleRequest(request, response, request.body);
}

let server;
if (tuned) server = createServer((request, response) => void standalone(request, response));
else {
  const app = createMcpExpressApp();
  app.post('/mcp', mode === 'sessions' ? inSession : standalone);
  server = createServer(app);
}
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/mcp`));
