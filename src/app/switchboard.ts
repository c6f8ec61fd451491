/**
 * What is switched off, from all who may say so: the operator's file and the registry. A tool that one of them has off is
 * off; a server that is off offers no tool, and nothing else of it may be used. While the registry's last answer for a server
 * cannot be read from disk, nothing of that server may be used either.
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
import { stateFolderOf } from './settings/state-folder.js';

export type Switched = { endpoint: Pick<Endpoint, 'disable'>; tools: readonly Tool[] };

export type Switchboard = {
  /** Whether the server of that name is in service, for its gate; at any time, also before it is there. */
  service(name: string): Service;
  /** From now on the server keeps to the file of switches, where there is one. */
  open(servers: ReadonlyMap<string, Switched>): Promise<void>;
  /** Registers a server that will follow the registry. Nothing of it may be used until its kept answer is applied. */
  expect(name: string): void;
  /** From now on the server keeps to the registry as well; `url` is that of its MCP endpoint. */
  follow(name: string, registry: string, url: string): Promise<void>;
  close(): void;
};

type OnError = (error: unknown, about: string) => void;

export type SwitchboardOptions = {
  onError: OnError;
  /** Called with a line for the operator. */
  notice: (line: string) => void;
  /** Every possible tool, here and at servers that share the switches file. */
  known: readonly string[];
};

export function createSwitchboard(
  config: Config,
  { onError, notice, known }: SwitchboardOptions,
): Switchboard {
  const expected = new Set<string>();
  const servers = new Map<string, Switched>();
  const followers = new Map<string, Follower>();
  const byRegistry = new Map<string, { enabled: boolean; off: readonly string[] }>();
  let byFile: readonly string[] = [];
  let file: { close(): void } | undefined;

  function apply(name: string): void {
    const { endpoint, tools } = servers.get(name) ?? {};
    const { enabled, off } = byRegistry.get(name) ?? { enabled: true, off: [] };
    const all = enabled ? off : (tools ?? []).map((tool) => tool.name);
    endpoint?.disable([...byFile, ...all]);
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
      for (const [name, one] of all) servers.set(name, one);
      if (config.switches === undefined) return;
      const take = (disabled: string[]): void => {
        byFile = disabled;
        const strange = disabled.filter((tool) => !known.includes(tool));
        if (strange.length > 0)
          notice(`${config.switches}: no tool is called ${strange.map((tool) => preview(tool)).join(', ')}`);
        for (const name of servers.keys()) apply(name);
      };
      file = await watchSwitches(config.switches, take, (error) => onError(error, 'switches'));
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
      file?.close();
      for (const follower of followers.values()) follower.close();
    },
  };
}
