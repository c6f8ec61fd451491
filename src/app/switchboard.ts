/**
 * What is switched off, according to the operator's file and to the registry. A tool is off when either of them says so. A server
 * that is off offers no tools, and nothing else of it may be used. The same holds while nobody knows what is off, because the
 * registry's last answer cannot be read from disk.
 */
import { join } from 'node:path';
import { closedWhile } from '../governance/policy/gate.js';
import { family } from '../services/exposition.js';
import { type Follower, follow } from '../services/registry/follow/follow.js';
import { watchSwitches } from '../services/registry/follow/switches.js';
import { now } from '../wire/clock.js';
import type { OnError } from '../wire/log.js';
import type { Policy } from '../wire/mcp/mcp-server.js';
import { preview } from '../wire/value.js';
import type { Endpoint } from './endpoint.js';
import { type Config, stateFolderOf } from './settings/config.js';
import { SERVERS, type ServerName } from './settings/setting.js';

/** Of each server, including one in another process that shares the file. */
type Definitions = { [Name in ServerName]: { tools: readonly { name: string }[] } };

type SwitchedServer = {
  endpoint?: Pick<Endpoint, 'disable'> | undefined;
  /** The server will follow the registry, and nothing of it may be used until it does. */
  mustFollow: boolean;
  follower?: Follower;
  byRegistry: { enabled: boolean; off: readonly string[] };
};

export type Switchboard = ReturnType<typeof createSwitchboard>;

export function createSwitchboard(config: Config, definitions: Definitions, onError: OnError) {
  const toolNames = (server: ServerName): string[] => definitions[server].tools.map(({ name }) => name);
  const newServer = (): SwitchedServer => ({ mustFollow: false, byRegistry: { enabled: true, off: [] } });
  const servers = { readonly: newServer(), destructive: newServer() };
  let byFile: readonly string[] = [];
  let watchedFile: { close(): void } | undefined;

  function apply(name: ServerName): void {
    const { endpoint, byRegistry } = servers[name];
    endpoint?.disable([...byFile, ...(byRegistry.enabled ? byRegistry.off : toolNames(name))]);
  }

  function applyFile(disabled: string[]): void {
    byFile = disabled;
    const allNames = SERVERS.flatMap(toolNames);
    const unknown = disabled.filter((tool) => !allNames.includes(tool));
    if (unknown.length > 0)
      onError(
        `no tool is called ${unknown.map((tool) => preview(tool)).join(', ')}`,
        'switches.tool-unknown',
        { about: config.switches },
      );
    for (const name of SERVERS) apply(name);
  }

  return {
    /** Says for each call whether the server may be used. The server need not be open yet. */
    closedOf(name: ServerName): NonNullable<Policy['closed']> {
      const server = servers[name];
      return () => {
        const { byRegistry, follower, mustFollow } = server;
        if (!byRegistry.enabled) return closedWhile('off');
        const isKnown = follower === undefined ? !mustFollow : follower.usable;
        if (!isKnown || (config.registryRequired && follower?.current !== true))
          return closedWhile('unknown');
        return undefined;
      };
    },

    /** Begins to apply the file of switches, if there is one. */
    async open(endpoints: { [Name in ServerName]?: Pick<Endpoint, 'disable'> }): Promise<void> {
      for (const name of SERVERS) servers[name].endpoint = endpoints[name];
      if (config.switches === undefined) return;
      watchedFile = await watchSwitches(config.switches, applyFile, (error) =>
        onError(error, 'switches.unreadable'),
      );
    },

    /** Announces that a server will follow the registry. Until it does, nothing of it may be used. */
    expect(name: ServerName): void {
      servers[name].mustFollow = true;
    },

    /** Begins to apply the registry's switches; `url` is that of the MCP endpoint. */
    async follow(name: ServerName, registry: string, url: string): Promise<void> {
      const follower = await follow({
        registry,
        url,
        file: join(stateFolderOf(config), `switches-${name}.json`),
        apply(switches) {
          servers[name].byRegistry = switches;
          apply(name);
        },
        onError,
        clock: now,
      });
      servers[name].follower = follower;
      await follower.look();
    },

    /** For `GET /metrics`; empty where no registry is followed. */
    metrics(name: ServerName): string {
      const { follower, mustFollow } = servers[name];
      if (!mustFollow) return '';
      const help = '1 while the registry answers, else 0: then its last answer holds.';
      return family('gauge', 'barewire_registry_answers', help, Number(follower?.current === true));
    },

    async close(): Promise<void> {
      watchedFile?.close();
      await Promise.all(SERVERS.map((name) => servers[name].follower?.close()));
    },
  };
}
