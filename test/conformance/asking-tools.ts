/** The tools of the official suite that ask their client: forms, completions, roots, in one round or several. */
import { elicit, listRoots, sample, type Tool } from '../../src/index.js';
import { text, tool } from './content-tools.js';

type Object = { [key: string]: unknown };

const form = (message: string, properties: Object) =>
  elicit(message, { type: 'object', properties, required: Object.keys(properties) });
const prompt = (words: string, maxTokens: number) =>
  sample({ messages: [{ role: 'user', content: { type: 'text', text: words } }], maxTokens });
const contentOf = (answer: Object): Object => (answer.content ?? {}) as Object;

const NAME = form('What is your name?', { name: { type: 'string' } });
const CONFIRM = form('Please confirm', { ok: { type: 'boolean' } });

const DEFAULTS = elicit('Please review and update the form fields with defaults', {
  type: 'object',
  properties: {
    name: { type: 'string', description: 'User name', default: 'John Doe' },
    age: { type: 'integer', description: 'User age', default: 30 },
    score: { type: 'number', description: 'User score', default: 95.5 },
    status: {
      type: 'string',
      description: 'Status',
      enum: ['active', 'inactive', 'pending'],
      default: 'active',
    },
    verified: { type: 'boolean', description: 'Verification status', default: true },
  },
  required: [],
});

const titled = (values: string[]) => values.map((title, index) => ({ const: `value${index + 1}`, title }));
const OPTIONS = ['option1', 'option2', 'option3'];

const ENUMS = elicit('Please select options from the enum fields', {
  type: 'object',
  properties: {
    untitledSingle: { type: 'string', enum: OPTIONS },
    titledSingle: { type: 'string', oneOf: titled(['First Option', 'Second Option', 'Third Option']) },
    legacyEnum: {
      type: 'string',
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three'],
    },
    untitledMulti: { type: 'array', minItems: 1, maxItems: 3, items: { type: 'string', enum: OPTIONS } },
    titledMulti: {
      type: 'array',
      minItems: 1,
      maxItems: 3,
      items: { anyOf: titled(['First Choice', 'Second Choice', 'Third Choice']) },
    },
  },
  required: [],
});

export const askingTools: Tool[] = [
  tool(
    'test_sampling',
    'Asks the client for a completion',
    async ({ prompt: words }, { ask }) => {
      const answer = await ask('completion', prompt(String(words), 100));
      return text(`LLM response: ${String(contentOf(answer).text)}`);
    },
    { inputSchema: { type: 'object', properties: { prompt: { type: 'string' } }, required: ['prompt'] } },
  ),
  tool(
    'test_elicitation',
    'Asks the client for its user',
    async ({ message }, { ask }) => {
      const { action, content } = await ask(
        'response',
        form(String(message), { response: { type: 'string' } }),
      );
      return text(`User response: action=${String(action)}, content=${JSON.stringify(content ?? {})}`);
    },
    { inputSchema: { type: 'object', properties: { message: { type: 'string' } }, required: ['message'] } },
  ),
  tool('test_elicitation_sep1034_defaults', 'A form with defaults', async (_args, { ask }) => {
    const { action, content } = await ask('fields', DEFAULTS);
    return text(`Elicitation completed: action=${String(action)}, content=${JSON.stringify(content ?? {})}`);
  }),
  tool('test_elicitation_sep1330_enums', 'A form with every kind of enum', async (_args, { ask }) => {
    const { action, content } = await ask('choices', ENUMS);
    return text(`Elicitation completed: action=${String(action)}, content=${JSON.stringify(content ?? {})}`);
  }),
  tool('test_input_required_result_elicitation', 'One form', async (_args, { ask }) =>
    text(`Hello, ${String(contentOf(await ask('user_name', NAME)).name)}!`),
  ),
  tool('test_input_required_result_sampling', 'One completion', async (_args, { ask }) => {
    const answer = await ask('capital_question', prompt('What is the capital of France?', 100));
    return text(`Sampling result: ${String(contentOf(answer).text)}`);
  }),
  tool('test_input_required_result_list_roots', 'The roots', async (_args, { ask }) => {
    const { roots } = await ask('client_roots', listRoots());
    return text(`Roots: ${JSON.stringify(roots)}`);
  }),
  tool('test_input_required_result_request_state', 'State that comes back', async (_args, { ask }) => {
    await ask('confirm', CONFIRM);
    return text('state-ok: requestState validated');
  }),
  tool(
    'test_input_required_result_tampered_state',
    'State that must not be changed',
    async (_args, { ask }) => {
      await ask('confirm', CONFIRM);
      return text('integrity-ok: state verified');
    },
  ),
  tool('test_input_required_result_multiple_inputs', 'Three questions at once', async (_args, { askAll }) => {
    const { user_name, greeting, client_roots } = await askAll({
      user_name: NAME,
      greeting: prompt('Generate a greeting', 50),
      client_roots: listRoots(),
    });
    return text(JSON.stringify([contentOf(user_name).name, contentOf(greeting).text, client_roots.roots]));
  }),
  tool('test_input_required_result_multi_round', 'Two rounds', async (_args, { ask }) => {
    const { name } = contentOf(
      await ask('step1', form('Step 1: What is your name?', { name: { type: 'string' } })),
    );
    const { color } = contentOf(
      await ask('step2', form('Step 2: What is your favorite color?', { color: { type: 'string' } })),
    );
    return text(`Multi-round complete for ${String(name)} who likes ${String(color)}`);
  }),
  tool(
    'test_input_required_result_capabilities',
    'Asks only what the client can do',
    async (_args, context) => {
      const { elicitation, sampling } = context.capabilities;
      const answers = await context.askAll({
        ...(elicitation === undefined
          ? {}
          : { elicit_input: form('Elicitation input', { value: { type: 'string' } }) }),
        ...(sampling === undefined ? {} : { sample_input: prompt('Sample request', 50) }),
      });
      return text(`capabilities-ok: received ${Object.keys(answers).join(',')}`);
    },
  ),
  tool('test_streaming_elicitation', 'A question after some progress', async (_args, { ask, progress }) => {
    progress(50, 100);
    await ask('confirm', CONFIRM);
    return text('Streaming complete');
  }),
];
