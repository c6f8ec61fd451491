/**
 * The tools of the lesson: small, harmless, each there to show one thing on the wire. Served with
 * `node dist/server.js --tools spec-fixtures/tools.js`, they are also an example of a tool module: plain objects,
 * nothing imported.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const object = (properties, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

/** Progress on the call's own stream, and a call that lasts as long as the learner likes. */
export const count = {
  name: 'lesson.count',
  title: 'Count',
  description: 'Counts to a number, resting between steps, and tells how far it is.',
  scope: 'lesson',
  destructive: false,
  annotations: { readOnlyHint: true },
  inputSchema: object({
    to: { type: 'integer', minimum: 1, maximum: 1000 },
    restMs: { type: 'integer', minimum: 0, maximum: 60000 },
  }),
  async handler({ to, restMs }, { signal, progress }) {
    for (let step = 1; step <= to; step += 1) {
      await sleep(restMs, undefined, { signal });
      progress(step, to, `${step} of ${to}`);
    }
    return { content: [{ type: 'text', text: `counted to ${to}` }] };
  },
};

/** Two arguments that travel in headers too: `Mcp-Param-Region` and `Mcp-Param-Shard`. */
export const route = {
  name: 'lesson.route',
  title: 'Route',
  description: 'Says where a call was routed; gateways may read the region and shard from headers.',
  scope: 'lesson',
  destructive: false,
  annotations: { readOnlyHint: true },
  inputSchema: object(
    {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      shard: { type: 'integer', 'x-mcp-header': 'Shard' },
    },
    ['region'],
  ),
  outputSchema: object({ region: { type: 'string' }, shard: { type: ['integer', 'null'] } }),
  handler: ({ region, shard }) => ({ structuredContent: { region, shard: shard ?? null } }),
};

/** Served only to clients that declare elicitation. */
export const ask = {
  name: 'lesson.ask',
  title: 'Ask',
  description: 'Needs a client that can ask its user.',
  scope: 'lesson',
  destructive: false,
  annotations: { readOnlyHint: true },
  requires: { elicitation: {} },
  inputSchema: object({}),
  handler: () => ({ content: [{ type: 'text', text: 'this client can ask' }] }),
};

/** Breaks the promise of its output schema: the caller is told that it failed, the log is told why. */
export const liar = {
  name: 'lesson.liar',
  title: 'Liar',
  description: 'Promises a number and returns a text.',
  scope: 'lesson',
  destructive: false,
  annotations: { readOnlyHint: true },
  inputSchema: object({}),
  outputSchema: object({ answer: { type: 'integer' } }),
  handler: () => ({ structuredContent: { answer: 'forty-two' } }),
};

/** Throws what no caller may read. */
export const crash = {
  name: 'lesson.crash',
  title: 'Crash',
  description: 'Throws an error whose message must not reach the wire.',
  scope: 'lesson',
  destructive: false,
  annotations: { readOnlyHint: true },
  inputSchema: object({}),
  handler: () => {
    throw new Error('password=hunter2 at /etc/secret');
  },
};

/** A list: structured content that is no object, which only 2026-07-28 knows. */
export const list = {
  name: 'lesson.list',
  title: 'List',
  description: 'Returns a JSON array.',
  scope: 'lesson',
  destructive: false,
  annotations: { readOnlyHint: true },
  inputSchema: { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' },
  outputSchema: { type: 'array', items: { type: 'integer' } },
  handler: () => ({ structuredContent: [1, 2, 3] }),
};
