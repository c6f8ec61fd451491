/**
 * A hook for Node's module loader, which `--watch` registers. A module that was loaded with `?version=N` gets what it imports by a
 * relative path in the same version, so that all of its files are loaded again and not only the first. Packages are not.
 *
 * @see https://nodejs.org/api/module.html#resolvespecifier-context-nextresolve
 */
import * as loader from 'node:module';

type Context = { parentURL?: string | undefined };
type Resolved = { url: string };

export function hookVersions(): void {
  // Node 22.15 and later call hooks in this thread, and warn of the older way.
  if ('registerHooks' in loader && typeof loader.registerHooks === 'function')
    loader.registerHooks({
      resolve: (specifier: string, context: Context, next: (...all: unknown[]) => Resolved): Resolved =>
        inSameVersion(specifier, context, next(specifier, context)),
    });
  else loader.register(import.meta.url);
}

/** For Node 20, which loads this file in a thread of its own and looks for a function of this name. */
export async function resolve(
  specifier: string,
  context: Context,
  next: (...all: unknown[]) => Promise<Resolved>,
): Promise<Resolved> {
  return inSameVersion(specifier, context, await next(specifier, context));
}

function inSameVersion(specifier: string, { parentURL = '' }: Context, resolved: Resolved): Resolved {
  const [version] = /\?version=\d+$/.exec(parentURL) ?? [];
  if (version === undefined || !/^\.{1,2}\//.test(specifier)) return resolved;
  return { ...resolved, url: `${resolved.url.split('?', 1)[0]}${version}` };
}
