/**
 * The official SDK, version 2, as its guide "Serve over HTTP" has it: a factory, createMcpHandler, toNodeHandler. `tuned`
 * builds schemas and validator once for all the servers that the factory makes.
 */
import { createServer } from 'node:http';
import {
  localhostHostValidation,
  localhostOriginValidation,
  toNodeHandler,
} from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/server/validators/ajv';
import * as z from 'zod';

const tuned = process.argv[2] === 'tuned';
const numbers = () => z.object({ a: z.number(), b: z.number() });
const sums = () => z.object({ sum: z.number() });
const shared = { input: numbers(), output: sums(), empty: z.object({}) };
const options = tuned ? { jsonSchemaValidator: new AjvJsonSchemaValidator() } : {};

const handler = createMcpHandler(() => {
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
  server.registerTool(
    'count',
    { description: 'Counts to five.', inputSchema: tuned ? shared.empty : z.object({}) },
    async (_, { mcpReq }) => {
      const { progressToken } = mcpReq._meta ?? {};
      for (let progress = 1; progress <= 5; progress += 1) {
        const params = { progressToken, progress, total: 5 };
        if (progressToken !== undefined) await mcpReq.notify({ method: 'notifications/progress', params });
      }
      return { content: [{ type: 'text', text: 'counted to 5' }] };
    },
  );
  return server;
});

const host = localhostHostValidation();
const origin = localhostOriginValidation();
const answer = toNodeHandler(handler);
const server = createServer((request, response) => {
  if (host(request, response) && origin(request, response)) void answer(request, response);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/mcp`));
