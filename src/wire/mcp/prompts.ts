/**
 * What prompts are, as their author writes them, and the catalog of one server's.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/prompts
 */
import { type JsonObject, kindOf } from '../value.js';
import type { HandlerContext } from './context.js';
import { type Listing, listingOf } from './page.js';
import { type Completer, checkCompleter } from './resources.js';
import type { ContentBlock } from './tool.js';

export type PromptArgument = {
  name: string;
  title?: string;
  description?: string;
  required?: boolean;
  complete?: Completer;
};

export type PromptResult = {
  description?: string;
  messages: { role: 'user' | 'assistant'; content: ContentBlock }[];
};

export type Prompt = {
  name: string;
  /** The OAuth scope that getting it needs; open to every caller unless given. */
  scope?: string;
  title?: string;
  description?: string;
  arguments?: PromptArgument[];
  /** Its arguments are texts, and the required ones are there. */
  get(args: { [name: string]: string }, context: HandlerContext): PromptResult | Promise<PromptResult>;
};

export type PromptCatalog = {
  listed: Listing<JsonObject>;
  get(name: string): Prompt | undefined;
};

export function createPrompts(prompts: readonly Prompt[]): PromptCatalog {
  const byName = new Map<string, Prompt>();
  for (const prompt of prompts) {
    if (byName.has(prompt.name))
      throw new SyntaxError(`prompt ${prompt.name}: the name is taken by another prompt`);
    if (typeof prompt.get !== 'function')
      throw new SyntaxError(`prompt ${prompt.name}: get must be a function, received ${kindOf(prompt.get)}`);
    for (const { name, complete } of prompt.arguments ?? [])
      checkCompleter(`prompt ${prompt.name}: complete of ${name}`, complete);
    byName.set(prompt.name, prompt);
  }
  const listed = prompts.map(({ get, scope, arguments: args, ...rest }) =>
    args === undefined ? rest : { ...rest, arguments: args.map(({ complete, ...argument }) => argument) },
  );
  return { listed: listingOf('prompts', listed, 'name'), get: (name) => byName.get(name) };
}
