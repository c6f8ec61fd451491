/**
 * What prompts are, as their author writes them, and the catalog of one server's.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/prompts
 */

import { Fault } from '../../fault.js';
import { isRecord, kindOf, preview } from '../../value.js';
import { requireScope, requireScopeAgain } from '../authority.js';
import type { Prompt } from '../definitions.js';
import { maskPrompt } from '../masking.js';
import type { Method, Settings } from '../mcp-server.js';
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
  handle: (request, exchange, server) => listPage(server.prompts?.listed ?? NONE, request, exchange, server),
};

export const promptsGet: Method = {
  name: 'prompts/get',
  eras: ['modern', 'legacy'],
  offered,
  async handle(request, exchange, server) {
    const { name } = request.params;
    const prompt = typeof name === 'string' ? server.prompts?.get(name) : undefined;
    if (prompt === undefined)
      throw new Fault('invalidParams', `params.name: no such prompt: ${preview(name)}`);
    exchange.audit.target = prompt.name;
    requireScope(prompt.scope, exchange, server.policy);
    const args = readArguments(prompt, request.params.arguments, server.settings);
    Object.assign(exchange.audit, { args, ran: true });
    return runHandler(
      request,
      exchange,
      server,
      (context) => prompt.get(args, context),
      (returned) => {
        const plain = plainPrompt(`prompt ${prompt.name}`, returned);
        const { messages, ...rest } = maskPrompt(plain, exchange.audit.decision?.mask);
        return {
          ...rest,
          messages: messages.map(({ role, content }) => ({
            role,
            content: olderContent(content, exchange.features),
          })),
        };
      },
      () => requireScopeAgain(prompt.scope, exchange, server),
    );
  },
};

function readArguments(
  { name, arguments: declared = [] }: Prompt,
  sent: unknown = {},
  { strictArguments }: Settings,
): { [name: string]: string } {
  const given = sent === null && !strictArguments ? {} : sent;
  if (!isRecord(given))
    throw new Fault('invalidParams', `params.arguments must be an object, received ${kindOf(given)}`);
  const texts = new Map<string, string>();
  const required = new Set(declared.filter((argument) => argument.required === true).map(({ name }) => name));
  for (const [key, value] of Object.entries(given)) {
    // As for tools: several clients send null for what nobody gave.
    if (value === null && !strictArguments && !required.has(key)) continue;
    if (typeof value !== 'string') {
      throw new Fault(
        'invalidParams',
        `params.arguments/${key} must be a string, received ${preview(value)}`,
      );
    }
    texts.set(key, value);
  }
  const args = Object.fromEntries(texts);
  const missing = [...required].filter((argument) => !texts.has(argument));
  if (missing.length === 0) return args;
  throw new Fault('invalidParams', `${name} needs the arguments ${missing.join(', ')}`);
}
