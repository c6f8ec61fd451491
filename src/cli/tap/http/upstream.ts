/**
 * Connections to the server behind the tap. Each connection of a client has one of its own, kept open as long: a server that
 * closes it, or that answers on it in order, then looks to the client as it would without the tap.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import type { Socket } from 'node:net';
import { refuseUpgrade } from '../../../client/refuse-upgrade.js';

/** Of a head, in either direction. */
export const MAX_HEAD_BYTES = 64 * 1024;

type Agent = http.Agent | https.Agent;

export class Upstream {
  readonly #agents = new WeakMap<Socket, Map<string, Agent>>();
  readonly #all = new Set<Agent>();

  /** A request to `to`, for what arrived on `client`. Nothing is sent yet. */
  request(
    to: URL,
    { client, ...options }: { client: Socket; method: string; path: string; headers: readonly string[] },
  ): http.ClientRequest {
    const { request } = to.protocol === 'https:' ? https : http;
    return refuseUpgrade(
      request({
        ...options,
        agent: this.#agentFor(client, to),
        protocol: to.protocol,
        hostname: to.hostname.replace(/^\[|\]$/g, ''),
        port: to.port,
        maxHeaderSize: MAX_HEAD_BYTES,
      }),
    );
  }

  close(): void {
    for (const agent of this.#all) agent.destroy();
  }

  #agentFor(client: Socket, { protocol, origin }: URL): Agent {
    let agents = this.#agents.get(client);
    if (agents === undefined) {
      agents = new Map();
      this.#agents.set(client, agents);
    }
    const existing = agents.get(origin);
    if (existing !== undefined) return existing;
    const options = { keepAlive: true, maxSockets: 1 };
    const agent = protocol === 'https:' ? new https.Agent(options) : new http.Agent(options);
    agents.set(origin, agent);
    this.#all.add(agent);
    client.once('close', () => {
      this.#all.delete(agent);
      agent.destroy();
    });
    return agent;
  }
}
