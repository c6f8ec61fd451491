/**
 * A server with everything, built on the library's public face, for the official conformance suite:
 *
 *   npx tsx test/conformance/everything.ts --port 4100 [--stateless]
 */
import { parseArgs } from 'node:util';
import {
  createEndpoint,
  type Endpoint,
  type EndpointOptions,
  elicit,
  type Prompt,
  type Resource,
  type ResourceTemplate,
} from '../../src/index.js';
import { askingTools } from './asking-tools.js';
import { contentTools, text, tool } from './content-tools.js';
import { PNG } from './media.js';
import { taskTools } from './task-tools.js';

const plain = (uri: string, name: string, words: string): Resource => ({
  uri,
  name,
  mimeType: 'text/plain',
  read: () => [{ uri, mimeType: 'text/plain', text: words }],
});

const resources: Resource[] = [
  plain('test://static-text', 'static-text', 'This is the content of the static text resource.'),
  {
    uri: 'test://static-binary',
    name: 'static-binary',
    mimeType: 'image/png',
    read: (uri) => [{ uri, mimeType: 'image/png', blob: PNG }],
  },
  plain('test://watched-resource', 'watched-resource', 'Watched resource content'),
];

const resourceTemplates: ResourceTemplate[] = [
  {
    uriTemplate: 'test://template/{id}/data',
    name: 'template',
    mimeType: 'application/json',
    read: (uri, { id }) => [
      {
        uri,
        mimeType: 'application/json',
        text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
      },
    ],
  },
];

const said = (words: string) => ({ role: 'user' as const, content: { type: 'text' as const, text: words } });

const prompts: Prompt[] = [
  {
    name: 'test_simple_prompt',
    description: 'A prompt without arguments',
    get: () => ({ messages: [said('This is a simple prompt for testing.')] }),
  },
  {
    name: 'test_prompt_with_arguments',
    description: 'A prompt with two arguments',
    arguments: [
      {
        name: 'arg1',
        required: true,
        complete: (value) => ['paris', 'park', 'party'].filter((one) => one.startsWith(value)),
      },
      { name: 'arg2', required: true },
    ],
    get: ({ arg1, arg2 }) => ({ messages: [said(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)] }),
  },
  {
    name: 'test_prompt_with_embedded_resource',
    description: 'A prompt with an embedded resource',
    arguments: [{ name: 'resourceUri', required: true }],
    get: ({ resourceUri = '' }) => ({
      messages: [
        {
          role: 'user',
          content: {
            type: 'resource',
            resource: {
              uri: resourceUri,
              mimeType: 'text/plain',
              text: 'Embedded resource content for testing.',
            },
          },
        },
        said('Please process the embedded resource above.'),
      ],
    }),
  },
  {
    name: 'test_prompt_with_image',
    description: 'A prompt with an image',
    get: () => ({
      messages: [
        { role: 'user', content: { type: 'image', data: PNG, mimeType: 'image/png' } },
        said('Please analyze the image above.'),
      ],
    }),
  },
  {
    name: 'test_input_required_result_prompt',
    description: 'A prompt that asks for its context',
    async get(_args, { ask }) {
      const properties = { context: { type: 'string' } };
      const form = elicit('What context should the prompt use?', {
        type: 'object',
        properties,
        required: ['context'],
      });
      const { content } = await ask('user_context', form);
      return { messages: [said(`Prompt with context: ${JSON.stringify(content)}`)] };
    },
  },
];

/** `shared` makes it a replica. */
export function createEverything({
  stateless,
  ...shared
}: { stateless: boolean } & Pick<EndpointOptions, 'state' | 'sealingKeys'>): Endpoint {
  const endpoint: Endpoint = createEndpoint({
    name: 'everything',
    version: '1.0.0',
    tools: [
      ...contentTools,
      ...askingTools,
      ...taskTools,
      tool('test_trigger_tool_change', 'Tells that the tools changed', () => {
        endpoint.changed({ kind: 'tools' });
        return text('told');
      }),
      tool('test_trigger_prompt_change', 'Tells that the prompts changed', () => {
        endpoint.changed({ kind: 'prompts' });
        return text('told');
      }),
    ],
    resources,
    resourceTemplates,
    prompts,
    tasks: true,
    logging: true,
    ...(stateless ? {} : { sessions: { most: 1_000, idleMs: 60_000 } }),
    ...shared,
    onError: () => {}, // some of these tools fail on purpose
  });
  return endpoint;
}

if (process.argv[1]?.endsWith('everything.ts') === true) {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '0' }, stateless: { type: 'boolean' } },
  });
  console.log(await createEverything({ stateless: values.stateless === true }).listen(Number(values.port)));
}
