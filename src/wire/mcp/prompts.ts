/** The prompts of one server, listed and by name. */
import { type JsonObject, kindOf } from '../value.js';
import type { Prompt } from './definitions.js';
import { type Listing, listingOf } from './page.js';
import { checkCompleter } from './resources.js';

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
