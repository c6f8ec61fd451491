/** What the replicas of `npm run scale` serve besides their own tools: plain objects, as `--tools` takes them. */
const object = (properties) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const number = { type: 'number' };
const sum = ({ a, b }) => ({ structuredContent: { sum: a + b } });
const adding = (name, title, description, more = {}) => ({
  name: `scale.${name}`,
  title,
  description,
  scope: 'scale:use',
  destructive: false,
  inputSchema: object({ a: number, b: number }),
  outputSchema: object({ sum: number }),
  handler: sum,
  ...more,
});

/** The load: cheap, so that what is measured is the server and not its tool. Some calls last, to be there when a server stops. */
export const add = adding('add', 'Add', 'Adds two numbers, after a rest if it is told to.', {
  inputSchema: { ...object({ a: number, b: number, restMs: number }), required: ['a', 'b'] },
  async handler({ a, b, restMs = 0 }) {
    if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
    return sum({ a, b });
  },
});

/** The same with a quota, which all replicas share. */
export const counted = adding('counted', 'Add, counted', 'Adds two numbers, a few times a minute.');

/** The same with a quota that nobody reaches: PostgreSQL is asked for each call. */
export const metered = adding('metered', 'Add, metered', 'Adds two numbers, as often as anybody likes.');

/** Needs a person's approval, from whichever replica it is asked. */
export const change = adding('change', 'Change', 'Changes something that nobody can see.', {
  scope: 'scale:change',
  destructive: true,
});

/** One question to the client's user in the middle of the call. */
export const ask = {
  name: 'scale.ask',
  title: 'Ask',
  description: 'Asks for a name and greets it.',
  scope: 'scale:use',
  destructive: false,
  inputSchema: object({}),
  outputSchema: object({ greeted: { type: 'string' } }),
  async handler(_, { ask: askClient }) {
    const requestedSchema = object({ name: { type: 'string' } });
    delete requestedSchema.additionalProperties;
    const { content } = await askClient('name', {
      method: 'elicitation/create',
      params: { message: 'Whom shall I greet?', requestedSchema },
    });
    return { structuredContent: { greeted: content.name } };
  },
};
