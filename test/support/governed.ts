/** The walkthrough's governed servers, with tokens: all that most tests need. */
import type { Running } from '../../src/app/app.js';
import type { Config } from '../../src/app/settings/config.js';
import { type GovernedServers as Opened, openGoverned } from '../../src/app/theatre/governed.js';

export { recordsIn } from '../../src/app/theatre/governed.js';

/** A server that asks for a token, and one. */
export type Guarded = { url: URL; token: string };

export type Governed = Running & {
  readonly: Guarded;
  destructive: Guarded;
  /** The token lets one write. */
  registry: Guarded;
  records: Opened['records'];
};

/** `more` are the scopes of tools that were loaded besides, on each of the servers. */
export async function startGoverned(
  given: Partial<Config> = {},
  more = '',
  moreOfDestructive = '',
): Promise<Governed> {
  const opened = await openGoverned(given, { readonly: more, destructive: moreOfDestructive });
  const guarded = async (name: 'readonly' | 'destructive' | 'registry'): Promise<Guarded> => ({
    url: new URL(opened.addresses[name] ?? ''),
    token: await opened.token(name),
  });
  const [readonly, destructive, registry] = await Promise.all([
    guarded('readonly'),
    guarded('destructive'),
    guarded('registry'),
  ]);
  return { ...opened, readonly, destructive, registry };
}

/** The options of a client's transport that make its requests carry the token. */
export function bearing(target: URL | Guarded): { url: URL; options: { requestInit?: RequestInit } } {
  if (target instanceof URL) return { url: target, options: {} };
  const headers = { authorization: `Bearer ${target.token}` };
  return { url: target.url, options: { requestInit: { headers } } };
}
