/**
 * Tools that show a client what the governed ones cannot: progress, a call that ends only when it is stopped,
 * mirrored headers, every content block, a failure. `server.ts --tools` loads this same file over stdio.
 */
import { defineTool, type Tool, ToolError } from '../../src/index.js';

type Log = { started: string[]; aborted: { label: string; reason: string }[] };

const log: Log = { started: [], aborted: [] };
const common = { scope: 'interop', destructive: false };
const label = { type: 'string', minLength: 1 };

export const TOOLS: Tool[] = [
  defineTool<{ text: string; times?: number; loud?: boolean }>({
    ...common,
    name: 'text.echo',
    title: 'Echo',
    description: 'Returns its arguments.',
    inputSchema: {
      type: 'object',
      properties: {
        text: { type: 'string', 'x-mcp-header': 'Text' },
        times: { type: 'integer', 'x-mcp-header': 'Times' },
        loud: { type: 'boolean', 'x-mcp-header': 'Loud' },
      },
      required: ['text'],
      additionalProperties: false,
    },
    outputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
    handler: (args) => ({ structuredContent: args }),
  }),
  defineTool<{ steps: number }>({
    ...common,
    name: 'work.count',
    title: 'Count',
    description: 'Tells of each step.',
    inputSchema: {
      type: 'object',
      properties: { steps: { type: 'integer', minimum: 1 } },
      required: ['steps'],
    },
    async handler({ steps }, { progress }) {
      for (let step = 1; step <= steps; step += 1) {
        progress(step, steps, `step ${step}`);
      }
      // The official client, version 1, drops a notification that it reads in one piece with the answer behind it.
      await new Promise((resolve) => setTimeout(resolve, 300));
      return { structuredContent: { steps } };
    },
  }),
  defineTool<{ label: string }>({
    ...common,
    name: 'work.wait',
    title: 'Wait',
    description: 'Ends only when it is stopped.',
    inputSchema: { type: 'object', properties: { label }, required: ['label'] },
    handler: (args, { signal, progress }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          log.aborted.push({ label: args.label, reason: String(signal.reason) });
          reject(signal.reason);
        });
        log.started.push(args.label);
        progress(1);
      }),
  }),
  defineTool({
    ...common,
    name: 'work.log',
    title: 'Log',
    description: 'Which waits have started, and which were stopped and why.',
    inputSchema: { type: 'object', additionalProperties: false },
    handler: () => ({ structuredContent: log }),
  }),
  defineTool<{ how: string }>({
    ...common,
    name: 'work.fail',
    title: 'Fail',
    description: 'Fails, with a reason for the caller or with one for the log.',
    inputSchema: { type: 'object', properties: { how: { enum: ['told', 'untold'] } }, required: ['how'] },
    handler({ how }) {
      if (how === 'told') throw new ToolError('the printer is out of paper');
      throw new Error('password in /etc/secret');
    },
  }),
  defineTool({
    ...common,
    name: 'value.list',
    title: 'List',
    description: 'Its structured content is an array, which only the newest revision knows.',
    inputSchema: { type: 'object' },
    outputSchema: { type: 'array', items: { type: 'integer' } },
    handler: () => ({ structuredContent: [1, 2, 3] }),
  }),
  defineTool({
    ...common,
    name: 'content.blocks',
    title: 'Blocks',
    description: 'One block of each kind.',
    annotations: { readOnlyHint: true },
    inputSchema: { type: 'object' },
    handler: () => ({
      content: [
        { type: 'text', text: 'größer, 大きい, \u2028 and 🦀' },
        { type: 'image', data: 'AAAA', mimeType: 'image/png' },
        { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' },
        { type: 'resource_link', uri: 'file:///a', name: 'a' },
        { type: 'resource', resource: { uri: 'file:///b', text: 'b' } },
      ],
    }),
  }),
];
