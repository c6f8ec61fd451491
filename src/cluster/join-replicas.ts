/** An endpoint as one of several that are the same server: what it shares with the others, and tells them. */

import { afterUnlessDone } from '../wire/clock.js';
import type { Change, Changes } from '../wire/mcp/changes.js';
import type { McpServer } from '../wire/mcp/mcp-server.js';
import { boundOfChange } from '../wire/mcp/reading.js';
import type { EndpointOptions } from '../wire/server/options.js';
import type { JsonObject } from '../wire/value.js';
import { Leases } from './leases.js';
import { Replica } from './replica.js';
import { postToAll, ReplicaChannel } from './replica-channel.js';
import { SessionRecords } from './sessions/session-records.js';
import { Sessions } from './sessions/sessions.js';
import type { SharedState } from './shared-state.js';

const GOODBYE_MS = 1_000;

type OnError = (error: unknown, about: string) => void;

export type Replicas = { replica: Replica; mail: ReplicaChannel; leases: Leases; close(): Promise<void> };

export function joinReplicas(state: SharedState, server: string, onError: OnError): Replicas {
  const replica = new Replica(state, server, (error) => onError(error, 'replicas'));
  const mail = new ReplicaChannel(replica);
  const leases = new Leases(replica);
  return {
    replica,
    mail,
    leases,
    async close() {
      replica.close();
      // Nobody waits long for a goodbye: without it the lease ends by itself.
      const goodbye = leases.close().catch(replica.onError);
      await Promise.race([goodbye, new Promise<void>((resolve) => afterUnlessDone(GOODBYE_MS, resolve))]);
    },
  };
}

export function openSessions(
  { sessions, auth }: EndpointOptions,
  server: McpServer,
  replicas: Replicas | undefined,
): Sessions | undefined {
  if (sessions === undefined) return undefined;
  // Without tokens all callers are the same one.
  const { perPrincipal = auth === undefined ? sessions.most : undefined } = sessions;
  return new Sessions(
    { ...sessions, perPrincipal, boundTo: (change) => boundOfChange(change, server) },
    server.changes,
    replicas && new SessionRecords(replicas.mail, sessions.idleMs),
  );
}

/**
 * To the clients of every replica. It comes back here like to the others, after whatever clients settled before; where it
 * cannot be sent, those of this replica are told all the same.
 */
export function tellChange(change: Change, changes: Changes, replicas: Replicas | undefined): void {
  const here = (): void => changes.emit(change);
  if (replicas === undefined) here();
  else
    replicas.mail.tellAll('changed', change).catch((error: unknown) => {
      replicas.replica.onError(error);
      here();
    });
}

/** The same from a process in which no replica of that server runs. @throws StateUnavailable */
export function postChange(state: SharedState, server: string, change: Change): Promise<void> {
  return postToAll(state, server, 'changed', change);
}

export function tellAgain({ kind, uri }: JsonObject, changes: Changes): void {
  if (kind === 'tools' || kind === 'prompts' || kind === 'resources') changes.emit({ kind });
  else if (kind === 'resource' && typeof uri === 'string') changes.emit({ kind, uri });
}
