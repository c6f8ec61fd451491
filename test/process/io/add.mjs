/** A tool that does nothing with files or the network. */
export const add = {
  name: 'add',
  title: 'Add',
  description: 'Adds two numbers.',
  scope: 'math:add',
  destructive: false,
  inputSchema: {
    type: 'object',
    properties: { a: { type: 'number' }, b: { type: 'number' } },
    required: ['a', 'b'],
    additionalProperties: false,
  },
  outputSchema: { type: 'object', properties: { sum: { type: 'number' } }, required: ['sum'] },
  handler: ({ a, b }) => ({ structuredContent: { sum: a + b } }),
};
