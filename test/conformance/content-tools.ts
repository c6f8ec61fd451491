/** The tools of the official suite that return something: content of every kind, errors, progress, logs, schemas. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ContentBlock,
  defineTool,
  type Tool,
  type ToolContext,
  ToolError,
  type ToolResult,
} from '../../src/index.js';
import { PNG, WAV } from './media.js';

type Object = { [key: string]: unknown };
type Handler = (args: Object, context: ToolContext) => ReturnType<Tool['handler']>;

export function tool(name: string, description: string, handler: Handler, more: Partial<Tool> = {}): Tool {
  return defineTool({
    name,
    title: description,
    description,
    scope: 'conformance',
    destructive: false,
    inputSchema: { type: 'object', properties: {} },
    handler,
    ...more,
  });
}

export const text = (words: string): ToolResult => ({ content: [{ type: 'text', text: words }] });

const image: ContentBlock = { type: 'image', data: PNG, mimeType: 'image/png' };

export const contentTools: Tool[] = [
  tool('test_simple_text', 'A text', () => text('This is a simple text response for testing.')),
  tool('test_image_content', 'An image', () => ({ content: [image] })),
  tool('test_audio_content', 'A sound', () => ({
    content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }],
  })),
  tool('test_embedded_resource', 'An embedded resource', () => ({
    content: [
      {
        type: 'resource',
        resource: {
          uri: 'test://embedded-resource',
          mimeType: 'text/plain',
          text: 'This is an embedded resource content.',
        },
      },
    ],
  })),
  tool('test_multiple_content_types', 'Text, image and resource', () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      image,
      {
        type: 'resource',
        resource: {
          uri: 'test://mixed-content-resource',
          mimeType: 'application/json',
          text: '{"test":"data","value":123}',
        },
      },
    ],
  })),
  tool('test_error_handling', 'An error', () => {
    throw new ToolError('This tool intentionally returns an error for testing');
  }),
  tool('test_tool_with_logging', 'Log messages', async (_args, { log }) => {
    for (const message of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      log('info', message, 'everything');
      await sleep(20);
    }
    return text('Tool with logging executed successfully');
  }),
  tool('test_logging_tool', 'One log message', (_args, { log }) => {
    log('info', 'evaluated', 'everything');
    return text('Logging evaluated');
  }),
  tool('test_tool_with_progress', 'Progress', async (_args, { progress }) => {
    for (const step of [0, 50, 100]) {
      progress(step, 100, `Completed step ${step} of 100`);
      await sleep(20);
    }
    return text('done');
  }),
  tool('test_reconnection', 'Lets the stream go in mid-call', async (_args, { releaseStream }) => {
    releaseStream();
    await sleep(100);
    return text('You came back for this.');
  }),
  tool('test_missing_capability', 'Needs sampling', () => text('Success'), { requires: { sampling: {} } }),
  tool('test_header_mirror', 'Arguments in headers', ({ region }) => text(`region ${String(region)}`), {
    inputSchema: {
      type: 'object',
      properties: {
        region: { type: 'string', 'x-mcp-header': 'Region' },
        count: { type: 'integer', 'x-mcp-header': 'Count' },
        urgent: { type: 'boolean', 'x-mcp-header': 'Urgent' },
      },
    },
  }),
  tool('json_schema_2020_12_tool', 'The whole vocabulary of 2020-12', (args) => text(JSON.stringify(args)), {
    inputSchema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      $defs: {
        address: {
          $anchor: 'addressDef',
          type: 'object',
          properties: { street: { type: 'string' }, city: { type: 'string' } },
        },
      },
      properties: {
        name: { type: 'string' },
        address: { $ref: '#/$defs/address' },
        contactMethod: { type: 'string', enum: ['phone', 'email'] },
        phone: { type: 'string' },
        email: { type: 'string' },
      },
      allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
      if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { required: ['phone'] },
      else: { required: ['email'] },
      additionalProperties: false,
    },
  }),
];
