/**
 * What is switched off, according to the operator's file and to the registry. A tool is off when either of them says so. A server
 * that is off offers no tools, and nothing else of it may be used. The same holds while nobody knows what is off, because the
 * registry's last answer cannot be read from disk.
 */
import { join } from 'node:path';
import type { Service } from '../governance/policy/gate.js';
import { type Follower, follow } from '../services/registry/follow/follow.js';
import { watchSwitches } from '../services/registry/follow/switches.js';
import { now } from '../wire/clock.js';
import type { Tool } from '../wire/mcp/definitions.js';
import { preview } from '../wire/value.js';
import type { Endpoint } from './endpoint.js';
import type { Config } from './settings/config.js';
import { stateFolderOf } from './settings/config.js';
import type { OnError } from './warnings.js';

type SwitchedServer = { endpoint: Pick<Endpoint, 'disable'>; tools: readonly Tool[] };

export type Switchboard = {
  /** Whether the server may be used; its gate asks for each call. The server need not be open yet. */
  service(name: string): Service;
  /** Begins to apply the file of switches, if there is one. */
  open(servers: ReadonlyMap<string, SwitchedServer>): Promise<void>;
  /** Announces that a server will follow the registry. Until it does, nothing of it may be used. */
  expect(name: string): void;
  /** Begins to apply the registry's switches; `url` is that of the MCP endpoint. */
  follow(name: string, registry: string, url: string): Promise<void>;
  close(): void;
};

type SwitchboardOptions = {
  onError: OnError;
  /** Called with a line for the operator. */
  notice: (line: string) => void;
  /** The names of all tools, also of servers in other processes that share the file. */
  toolNames: readonly string[];
};

export function createSwitchboard(
  config: Config,
  { onError, notice, toolNames }: SwitchboardOptions,
): Switchboard {
  const expected = new Set<string>();
  const servers = new Map<string, SwitchedServer>();
  const followers = new Map<string, Follower>();
  const byRegistry = new Map<string, { enabled: boolean; off: readonly string[] }>();
  let byFile: readonly string[] = [];
  let watchedFile: { close(): void } | undefined;

  function apply(name: string): void {
    const { endpoint, tools = [] } = servers.get(name) ?? {};
    const { enabled, off } = byRegistry.get(name) ?? { enabled: true, off: [] };
    endpoint?.disable([...byFile, ...(enabled ? off : tools.map((tool) => tool.name))]);
  }

  function applyFile(disabled: string[]): void {
    byFile = disabled;
    const unknown = disabled.filter((tool) => !toolNames.includes(tool));
    if (unknown.length > 0)
      notice(`${config.switches}: no tool is called ${unknown.map((tool) => preview(tool)).join(', ')}`);
    for (const name of servers.keys()) apply(name);
  }

  return {
    service(name) {
      if (byRegistry.get(name)?.enabled === false) return 'off';
      const follower = followers.get(name);
      if (follower?.usable === false || (follower === undefined && expected.has(name))) return 'unknown';
      if (!config.registryRequired) return 'on';
      return follower?.current === true ? 'on' : 'unknown';
    },
    async open(all) {
      for (const [name, server] of all) servers.set(name, server);
      if (config.switches === undefined) return;
      watchedFile = await watchSwitches(config.switches, applyFile, (error) => onError(error, 'switches'));
    },
    expect(name) {
      expected.add(name);
    },
    async follow(name, registry, url) {
      const follower = await follow({
        registry,
        url,
        file: join(stateFolderOf(config), `switches-${name}.json`),
        apply(switches) {
          byRegistry.set(name, switches);
          apply(name);
        },
        onError,
        notice,
        clock: now,
      });
      followers.set(name, follower);
      await follower.look();
    },
    close() {
      watchedFile?.close();
      for (const follower of followers.values()) follower.close();
    },
  };
}
