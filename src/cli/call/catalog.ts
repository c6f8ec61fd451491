/** The lists of a server, page by page, up to a bound. */
import { ClientError } from '../../client/index.js';
import { FAULTS } from '../../wire/fault.js';
import type { JsonObject } from '../../wire/value.js';
import type { Part } from './invocation.js';
import type { ActionContext } from './settings.js';

const METHODS = {
  tools: 'tools/list',
  resources: 'resources/list',
  templates: 'resources/templates/list',
  prompts: 'prompts/list',
} as const;
/** What a server declares if it has this part. */
export const CAPABILITIES: { [Name in Part]: string } = {
  tools: 'tools',
  resources: 'resources',
  templates: 'resources',
  prompts: 'prompts',
};
/** More is nothing that a person reads, and a server may have pages without end. */
const MAX_ITEMS = 10_000;

/** @param optional whether a server may not know the list, although it declares the capability */
export async function itemsOf(
  part: Part,
  { client, io }: ActionContext,
  optional = false,
): Promise<JsonObject[]> {
  const items: JsonObject[] = [];
  try {
    for await (const item of client.list(METHODS[part], { signal: io.signal })) {
      if (items.push(item) < MAX_ITEMS) continue;
      io.screen.say(`The list of ${part} goes on after ${MAX_ITEMS}; the rest is left out.`);
      break;
    }
  } catch (error) {
    const unknown = error instanceof ClientError && error.code === FAULTS.methodNotFound.code;
    if (!optional || !unknown) throw error;
  }
  return items;
}
