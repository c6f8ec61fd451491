/**
 * The tools of the benchmark, as a module for `--tools`: plain objects, nothing imported. BENCH_TOOLS=N leaves `add` and
 * makes N more like it, for the plot of the cost per call over the number of tools.
 */
const numbers = { a: { type: 'number' }, b: { type: 'number' } };
const object = (properties) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const tool = (name, description, inputSchema, handler, more = {}) => ({
  name,
  title: name,
  description,
  scope: 'bench',
  destructive: false,
  inputSchema,
  handler,
  ...more,
});
const text = (said) => ({ content: [{ type: 'text', text: said }] });
const sum = ({ a, b }) => ({ structuredContent: { sum: a + b } });
const summing = { outputSchema: object({ sum: { type: 'number' } }) };

export const add = tool('add', 'Adds two numbers.', object(numbers), sum, summing);

/** Five progress notifications, and then the answer: to a client that asked for them a stream of six events. */
const count = tool('count', 'Counts to five.', object({}), (_, { progress }) => {
  for (let step = 1; step <= 5; step += 1) progress(step, 5);
  return text('counted to 5');
});

/** Tells how much came in. */
const measure = tool('measure', 'Measures a text.', object({ text: { type: 'string' } }), (args) =>
  text(String(args.text.length)),
);

/** Tells as much as is asked for. */
const fill = tool('fill', 'Writes a long text.', object({ size: { type: 'integer' } }), ({ size }) =>
  text('x'.repeat(size)),
);

const { BENCH_TOOLS } = process.env;
export const others =
  BENCH_TOOLS === undefined
    ? [count, measure, fill]
    : Array.from({ length: Number(BENCH_TOOLS) }, (_, at) =>
        tool(`add.${at}`, 'Adds two numbers.', object(numbers), sum, summing),
      );

/** What changes something is another server's: library.mjs serves it. */
const change = tool('change', 'Adds two numbers, on the record.', object(numbers), sum, {
  ...summing,
  destructive: true,
});
export const changing = () => change;
