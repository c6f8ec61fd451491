/**
 * `prompts/list`, `prompts/get` and `completion/complete`.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/prompts
 */

import { Fault, invalidParams, mustBe } from '../../fault.js';
import { isRecord, isThenable, type JsonObject, kindOf, preview } from '../../value.js';
import { checkScope, checkScopeAgain } from '../authority.js';
import type { Completer, Prompt } from '../definitions.js';
import { maskPrompt } from '../masking.js';
import type { Call, Method, Settings } from '../mcp-server.js';
import { listPage } from '../page.js';
import { plainCompletions, plainPrompt } from '../plain.js';
import { olderContent } from '../result.js';
import { runHandler } from '../run-handler.js';
import { offersCompletions } from './lifecycle.js';

export const promptsList: Method = {
  name: 'prompts/list',
  eras: ['modern', 'legacy'],
  run: (call) => call.server.prompts && listPage(call.server.prompts.listing, call),
};

export const promptsGet: Method = {
  name: 'prompts/get',
  eras: ['modern', 'legacy'],
  async run(call) {
    const { request, context, server } = call;
    if (server.prompts === undefined) return undefined;
    const { name, arguments: sentArgs } = request.params;
    const prompt = typeof name === 'string' ? server.prompts.entries.get(name) : undefined;
    if (prompt === undefined) return invalidParams(`params.name: no such prompt: ${preview(name)}`);
    const args = readArguments(prompt, sentArgs, server.settings);
    context.subject = { target: prompt.name, args: args instanceof Fault ? undefined : args };
    const refusal = checkScope(prompt.scope, call);
    if (refusal !== undefined) return refusal;
    if (args instanceof Fault) return args;
    const outcome = await runHandler(call, (handlerContext) => prompt.get(args, handlerContext), {
      afterWait: () => checkScopeAgain(prompt.scope, call),
    });
    if (outcome instanceof Fault) return outcome;
    if ('inputRequired' in outcome) return outcome.inputRequired;
    const plain = plainPrompt(`prompt ${prompt.name}`, outcome.value);
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

function readArguments(
  { name, arguments: declaredArguments = [] }: Prompt,
  sentArgs: unknown = {},
  { strictArguments }: Settings,
): { [name: string]: string } | Fault {
  const members = sentArgs === null && !strictArguments ? {} : sentArgs;
  if (!isRecord(members))
    return invalidParams(`params.arguments must be an object, received ${kindOf(members)}`);
  const texts = new Map<string, string>();
  const required = new Set(
    declaredArguments.filter((argument) => argument.required === true).map(({ name }) => name),
  );
  for (const [key, value] of Object.entries(members)) {
    // As for tools: several clients send null when they have no value.
    if (value === null && !strictArguments && !required.has(key)) continue;
    if (typeof value !== 'string') {
      return mustBe(`params.arguments/${key}`, 'a string', value);
    }
    texts.set(key, value);
  }
  const args = Object.fromEntries(texts);
  const missing = [...required].filter((argument) => !texts.has(argument));
  if (missing.length === 0) return args;
  return invalidParams(`${name} needs the arguments ${missing.join(', ')}`);
}

/** 2026-07-28/completion/002. */
const MAX_VALUES = 100;

export const complete: Method = {
  name: 'completion/complete',
  eras: ['modern', 'legacy'],
  async run(call) {
    const { request, context, server } = call;
    if (!offersCompletions(server)) return undefined;
    const { ref, argument, context: others } = request.params;
    if (!isRecord(argument) || typeof argument.name !== 'string' || typeof argument.value !== 'string') {
      return invalidParams(`params.argument must have a "name" and a "value", received ${preview(argument)}`);
    }
    const completer = findCompleter(ref, argument.name, call);
    if (completer instanceof Fault) return completer;
    context.transport.opening?.admit();
    const completion = completer === undefined ? [] : completer(argument.value, readOthers(others));
    const { toolDeadlineMs } = server.settings;
    const completed = isThenable(completion)
      ? await context.withDeadline(completion, toolDeadlineMs)
      : completion;
    const { mask } = context.authorization.decision ?? {};
    const plain = plainCompletions(`the completion of ${preview(argument.name)}`, completed);
    const values = plain.slice(0, MAX_VALUES).map((value) => mask?.(value) ?? value);
    return { completion: { values, total: plain.length, hasMore: plain.length > values.length } };
  },
};

function findCompleter(ref: unknown, name: string, call: Call): Completer | Fault | undefined {
  const { prompts, resources } = call.server;
  if (isRecord(ref) && ref.type === 'ref/prompt' && typeof ref.name === 'string') {
    const prompt = prompts?.entries.get(ref.name);
    if (prompt === undefined) return invalidParams(`params.ref: no such prompt: ${preview(ref.name)}`);
    const refusal = checkScope(prompt.scope, call);
    if (refusal !== undefined) return refusal;
    const argument = prompt.arguments?.find((one) => one.name === name);
    if (argument === undefined) return invalidParams(`${ref.name} has no argument ${preview(name)}`);
    return argument.complete;
  }
  if (isRecord(ref) && ref.type === 'ref/resource' && typeof ref.uri === 'string') {
    const template = resources?.template(ref.uri);
    if (template === undefined) return invalidParams(`params.ref: no such template: ${preview(ref.uri)}`);
    const refusal = checkScope(template.scope, call);
    if (refusal !== undefined) return refusal;
    const { complete: completers = {} } = template;
    return Object.hasOwn(completers, name) ? completers[name] : undefined;
  }
  return mustBe('params.ref', 'a ref/prompt with "name" or a ref/resource with "uri"', ref);
}

function readOthers(others: unknown): { [name: string]: string } {
  const members: JsonObject = isRecord(others) && isRecord(others.arguments) ? others.arguments : {};
  const texts = Object.entries(members).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts);
}
