/** The official TypeScript SDK, version 2, as its guides "Serve over HTTP" and "Serve over stdio" have it. */
import { createServer } from 'node:http';
import {
  localhostHostValidation,
  localhostOriginValidation,
  toNodeHandler,
} from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import * as z from 'zod';

const readOnly = { readOnlyHint: true };

function makeServer() {
  const server = new McpServer({ name: 'typescript-2', version: '1.0.0' });
  server.registerTool(
    'add',
    {
      description: 'Adds two numbers.',
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      outputSchema: z.object({ sum: z.number() }),
      annotations: readOnly,
    },
    async ({ a, b }) => {
      const structuredContent = { sum: a + b };
      return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
    },
  );
  server.registerTool(
    'greet',
    { description: 'Greets someone.', inputSchema: z.object({ name: z.string() }), annotations: readOnly },
    async ({ name }) => ({ content: [{ type: 'text', text: `Hello, ${name}!` }] }),
  );
  server.registerTool(
    'count',
    {
      description: 'Counts slowly.',
      inputSchema: z.object({ to: z.number().int().min(1).max(20) }),
      annotations: readOnly,
    },
    async ({ to }, { mcpReq }) => {
      const { progressToken } = mcpReq._meta ?? {};
      for (let progress = 1; progress <= to; progress += 1) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        const params = { progressToken, progress, total: to };
        if (progressToken !== undefined) await mcpReq.notify({ method: 'notifications/progress', params });
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
    { description: 'Asks for a review.', argsSchema: z.object({ text: z.string() }) },
    ({ text }) => ({
      messages: [{ role: 'user', content: { type: 'text', text: `Please review: ${text}` } }],
    }),
  );
  return server;
}

if (process.argv[2] === 'stdio') serveStdio(makeServer);
else {
  const answer = toNodeHandler(createMcpHandler(makeServer));
  const host = localhostHostValidation();
  const origin = localhostOriginValidation();
  createServer((request, response) => {
    if (host(request, response) && origin(request, response)) void answer(request, response);
  }).listen(Number(process.argv[2]), '127.0.0.1');
}
