/**
 * `completion/complete`: values for an argument of a prompt or a variable of a resource template.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/completion
 */
import { Fault } from '../../fault.js';
import { isRecord, type JsonObject, preview } from '../../value.js';
import { requireScope } from '../authority.js';
import { completes } from '../capabilities.js';
import type { Completer } from '../definitions.js';
import type { McpServer, Method } from '../mcp-server.js';
import { plainCompletions } from '../plain-result.js';
import type { RequestContext } from '../request-context.js';
import { isThenable } from '../run-handler.js';

/** 2026-07-28/completion/002. */
const MAX_VALUES = 100;

export const complete: Method = {
  name: 'completion/complete',
  eras: ['modern', 'legacy'],
  offered: completes,
  async handle({ params }, exchange, server) {
    const { ref, argument, context } = params;
    if (!isRecord(argument) || typeof argument.name !== 'string' || typeof argument.value !== 'string') {
      throw new Fault(
        'invalidParams',
        `params.argument must have a "name" and a "value", received ${preview(argument)}`,
      );
    }
    const completer = findCompleter(ref, argument.name, exchange, server);
    exchange.transport.admitted?.();
    const values = completer === undefined ? [] : completer(argument.value, readOthers(context));
    const found = isThenable(values)
      ? await exchange.bounded(Promise.resolve(values), server.settings.toolDeadlineMs)
      : values;
    const { mask } = exchange.audit.decision ?? {};
    const plain = plainCompletions(`the completion of ${preview(argument.name)}`, found);
    const shown = plain.slice(0, MAX_VALUES).map((value) => mask?.(value) ?? value);
    return { completion: { values: shown, total: plain.length, hasMore: plain.length > shown.length } };
  },
};

function findCompleter(
  ref: unknown,
  name: string,
  exchange: RequestContext,
  { prompts, resources, policy }: McpServer,
): Completer | undefined {
  if (isRecord(ref) && ref.type === 'ref/prompt' && typeof ref.name === 'string') {
    const prompt = prompts?.get(ref.name);
    if (prompt === undefined)
      throw new Fault('invalidParams', `params.ref: no such prompt: ${preview(ref.name)}`);
    requireScope(prompt.scope, exchange, policy);
    const argument = prompt.arguments?.find((one) => one.name === name);
    if (argument === undefined)
      throw new Fault('invalidParams', `${ref.name} has no argument ${preview(name)}`);
    return argument.complete;
  }
  if (isRecord(ref) && ref.type === 'ref/resource' && typeof ref.uri === 'string') {
    const template = resources?.template(ref.uri);
    if (template === undefined)
      throw new Fault('invalidParams', `params.ref: no such template: ${preview(ref.uri)}`);
    requireScope(template.scope, exchange, policy);
    const { complete: completers = {} } = template;
    return Object.hasOwn(completers, name) ? completers[name] : undefined;
  }
  throw new Fault(
    'invalidParams',
    `params.ref must be a ref/prompt with "name" or a ref/resource with "uri", received ${preview(ref)}`,
  );
}

function readOthers(context: unknown): { [name: string]: string } {
  const given: JsonObject = isRecord(context) && isRecord(context.arguments) ? context.arguments : {};
  const texts = Object.entries(given).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts);
}
