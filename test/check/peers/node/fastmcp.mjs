/** FastMCP for TypeScript as its README has it. */
import { FastMCP } from 'fastmcp';
import * as z from 'zod';

const annotations = { readOnlyHint: true };
const server = new FastMCP({ name: 'fastmcp-typescript', version: '1.0.0' });
server.addTool({
  name: 'add',
  description: 'Adds two numbers.',
  parameters: z.object({ a: z.number(), b: z.number() }),
  outputSchema: z.object({ sum: z.number() }),
  annotations,
  execute: async ({ a, b }) => {
    const structuredContent = { sum: a + b };
    return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
  },
});
server.addTool({
  name: 'greet',
  description: 'Greets someone.',
  parameters: z.object({ name: z.string() }),
  annotations,
  execute: async ({ name }) => `Hello, ${name}!`,
});
server.addTool({
  name: 'count',
  description: 'Counts slowly.',
  parameters: z.object({ to: z.number().int().min(1).max(20) }),
  annotations,
  execute: async ({ to }, { reportProgress }) => {
    for (let progress = 1; progress <= to; progress += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await reportProgress({ progress, total: to });
    }
    return `counted to ${to}`;
  },
});
server.addResource({
  uri: 'note://welcome',
  name: 'welcome',
  mimeType: 'text/plain',
  load: async () => ({ text: 'Welcome.' }),
});
server.addResourceTemplate({
  uriTemplate: 'greeting://{name}',
  name: 'greeting',
  mimeType: 'text/plain',
  arguments: [{ name: 'name', description: 'Who to greet.', required: true }],
  load: async ({ name }) => ({ text: `Hello, ${name}!` }),
});
server.addPrompt({
  name: 'review',
  description: 'Asks for a review.',
  arguments: [{ name: 'text', description: 'What to review.', required: true }],
  load: async ({ text }) => `Please review: ${text}`,
});
if (process.argv[2] === 'stdio') await server.start({ transportType: 'stdio' });
else
  await server.start({
    transportType: 'httpStream',
    httpStream: { port: Number(process.argv[2]), host: '127.0.0.1' },
  });
