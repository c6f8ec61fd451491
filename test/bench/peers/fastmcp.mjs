/** FastMCP for TypeScript as its README has it, in its stateless mode. The port is its first argument: it prints none. */
import { FastMCP } from 'fastmcp';
import * as z from 'zod';

const port = Number(process.argv[2]);
const server = new FastMCP({ name: 'bench', version: '1.0.0' });
server.addTool({
  name: 'add',
  description: 'Adds two numbers.',
  parameters: z.object({ a: z.number(), b: z.number() }),
  outputSchema: z.object({ sum: z.number() }),
  execute: async ({ a, b }) => {
    const structuredContent = { sum: a + b };
    return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
  },
});
await server.start({
  transportType: 'httpStream',
  httpStream: { port, host: '127.0.0.1', stateless: true },
});
console.log(`http://127.0.0.1:${port}/mcp`);
