/** Requests for metadata, answered from a list: an error is a lost connection, and what is not listed is not there. */
import { settle, type TokenSourceOptions } from '../../src/oauth/client/options.js';
import { createOutgoing, type Outgoing } from '../../src/oauth/client/outgoing.js';
import { browser } from './site.js';

/** With the addresses that were asked, in their order. */
export function canned(
  endpoint: URL,
  documents: { [url: string]: unknown },
  options: Partial<TokenSourceOptions> = {},
): { outgoing: Outgoing; asked: string[] } {
  const asked: string[] = [];
  const settings = settle({
    interaction: browser(),
    fetch: async (input) => {
      const url = String(input);
      asked.push(url);
      const document = documents[url];
      if (document instanceof Error) throw document;
      return document === undefined
        ? new Response(null, { status: 404 })
        : new Response(JSON.stringify(document));
    },
    ...options,
  });
  return { outgoing: createOutgoing(endpoint, settings), asked };
}
