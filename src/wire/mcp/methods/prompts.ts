/**
 * `prompts/list` and `prompts/get`.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/prompts
 */

import { Fault } from '../../fault.js';
import { isRecord, type JsonObject, kindOf, preview } from '../../value.js';
import { checkScope, checkScopeAgain } from '../authority.js';
import type { Prompt } from '../definitions.js';
import { maskPrompt } from '../masking.js';
import type { McpServer, Method, Settings } from '../mcp-server.js';
import { listingOf } from '../page.js';
import { plainPrompt } from '../plain-result.js';
import { runHandler } from '../run-handler.js';
import { olderContent } from '../shape.js';
import { listPage } from './list.js';

const NONE = listingOf('prompts', [], 'name');
const offered: NonNullable<Method['offered']> = ({ prompts }) => prompts !== undefined;

export const promptsList: Method = {
  name: 'prompts/list',
  eras: ['modern', 'legacy'],
  offered,
  run: (call) => listPage(call.server.prompts?.listed ?? NONE, call),
};

export const promptsGet: Method = {
  name: 'prompts/get',
  eras: ['modern', 'legacy'],
  offered,
  subject({ request: { params }, server }) {
    const prompt = findPrompt(params, server);
    if (prompt === undefined) return {};
    const args = readArguments(prompt, params.arguments, server.settings);
    return { target: prompt.name, args: args instanceof Fault ? undefined : args };
  },
  async run(call) {
    const { request, context, server } = call;
    const prompt = findPrompt(request.params, server);
    if (prompt === undefined)
      return new Fault('invalidParams', `params.name: no such prompt: ${preview(request.params.name)}`);
    const refused = checkScope(prompt.scope, call);
    if (refused !== undefined) return refused;
    const args = readArguments(prompt, request.params.arguments, server.settings);
    if (args instanceof Fault) return args;
    const handled = await runHandler(call, (own) => prompt.get(args, own), {
      again: () => checkScopeAgain(prompt.scope, call),
    });
    if (handled instanceof Fault) return handled;
    if ('asks' in handled) return handled.asks;
    const plain = plainPrompt(`prompt ${prompt.name}`, handled.returned);
    const { messages, ...rest } = maskPrompt(plain, context.authorization.decision?.mask);
    return {
      ...rest,
      messages: messages.map(({ role, content }) => ({
        role,
        content: olderContent(content, context.features),
      })),
    };
  },
};

function findPrompt({ name }: JsonObject, { prompts }: McpServer): Prompt | undefined {
  return typeof name === 'string' ? prompts?.get(name) : undefined;
}

function readArguments(
  { name, arguments: declared = [] }: Prompt,
  sent: unknown = {},
  { strictArguments }: Settings,
): { [name: string]: string } | Fault {
  const given = sent === null && !strictArguments ? {} : sent;
  if (!isRecord(given))
    return new Fault('invalidParams', `params.arguments must be an object, received ${kindOf(given)}`);
  const texts = new Map<string, string>();
  const required = new Set(declared.filter((argument) => argument.required === true).map(({ name }) => name));
  for (const [key, value] of Object.entries(given)) {
    // As for tools: several clients send null for what nobody gave.
    if (value === null && !strictArguments && !required.has(key)) continue;
    if (typeof value !== 'string') {
      return new Fault(
        'invalidParams',
        `params.arguments/${key} must be a string, received ${preview(value)}`,
      );
    }
    texts.set(key, value);
  }
  const args = Object.fromEntries(texts);
  const missing = [...required].filter((argument) => !texts.has(argument));
  if (missing.length === 0) return args;
  return new Fault('invalidParams', `${name} needs the arguments ${missing.join(', ')}`);
}
