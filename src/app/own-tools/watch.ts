/**
 * `--watch`: a module of `--tools` that changes, or one of its own files that it imports, is loaded and checked, and then takes the
 * place of the old one at once. A module that has a mistake is logged, and the old one goes on. Each version stays in memory, as
 * ECMAScript modules do.
 */
import { watchTexts } from '../../services/watched-file.js';
import type { Tool } from '../../wire/mcp/definitions.js';
import type { Endpoint } from '../endpoint.js';
import { report } from '../log/log.js';
import type { ServerDefinition } from '../server-definitions.js';
import { SERVERS, type ServerName } from '../settings/setting.js';
import { checkModules, loadModule, type ToolModule } from './load.js';
import { sourcesOf } from './sources.js';
import { hookVersions } from './version-hook.js';

type Servers = {
  builtin: readonly Tool[];
  definitions: { [Name in ServerName]: ServerDefinition };
  endpoints: { [Name in ServerName]?: Pick<Endpoint, 'replaceTools'> };
};

/** Resolves with the function that ends it. */
export async function watchTools(
  first: readonly ToolModule[],
  { builtin, definitions, endpoints }: Servers,
): Promise<() => void> {
  hookVersions();
  let modules = first;
  let versions = 0;

  async function load(index: number, file: string): Promise<void> {
    versions += 1;
    const loaded = await loadModule(file, versions);
    const next = modules.with(index, loaded);
    await checkModules(next, builtin);
    modules = next;
    const own = modules.flatMap(({ tools }) => tools);
    for (const name of SERVERS) {
      const isDestructive = name === 'destructive';
      const tools = [...builtin, ...own].filter(({ destructive }) => destructive === isDestructive);
      definitions[name].tools = tools;
      endpoints[name]?.replaceTools(tools);
    }
    report(loaded.tools.map(({ name }) => name).join(', '), 'tool.reloaded', { about: file });
  }

  // One after the other, because each begins with what the last one left.
  let loading = Promise.resolve();
  const watches = await Promise.all(
    first.map(({ file }, index) => {
      let isFirst = true;
      const reportFailure = (error: unknown): void => report(error, 'tool.reload-failed', { about: file });
      const changed = (): void => {
        if (!isFirst) loading = loading.then(() => load(index, file)).catch(reportFailure);
        isFirst = false;
      };
      const texts = async (): Promise<string[]> => [...(await sourcesOf(file)).values()];
      return watchTexts(texts, (read) => read, changed, reportFailure);
    }),
  );
  return () => {
    for (const watch of watches) watch.close();
  };
}
