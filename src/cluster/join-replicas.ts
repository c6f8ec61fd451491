/** Makes an endpoint one of the replicas of a server: what it shares with the others, and what it tells them. */

import { randomUUID } from 'node:crypto';
import { afterUnlessDone, now } from '../wire/clock.js';
import { Fault } from '../wire/fault.js';
import { errorResponse } from '../wire/jsonrpc/message.js';
import type { OnError } from '../wire/log.js';
import { boundOfChange } from '../wire/mcp/authority.js';
import type { Change, Changes } from '../wire/mcp/connection.js';
import type { McpServer } from '../wire/mcp/mcp-server.js';
import type { TaskStore } from '../wire/mcp/task-store.js';
import type { InFlight } from '../wire/server/in-flight.js';
import type { RemoteSessions } from '../wire/server/ports.js';
import type { JsonObject } from '../wire/value.js';
import { forwardToOwner } from './forward-to-owner.js';
import { Leases } from './leases.js';
import { Replica } from './replica.js';
import { broadcastTo, ReplicaChannel } from './replica-channel.js';
import { Resuming } from './resume-stream.js';
import type { SessionOptions } from './sessions/kept-sessions.js';
import { SessionRecords } from './sessions/session-records.js';
import { Sessions } from './sessions/sessions.js';
import type { SharedState } from './shared-state.js';
import { SharedTasks } from './tasks/shared-tasks.js';
import { type TaskOptions, Tasks } from './tasks/tasks.js';

const GOODBYE_MS = 1_000;

export type Replicas = { replica: Replica; channel: ReplicaChannel; leases: Leases; close(): Promise<void> };

export function joinReplicas(state: SharedState, server: string, onError: OnError): Replicas {
  const replica = new Replica(state, server, (error) => onError(error, 'state.replica-failed', { server }));
  const channel = new ReplicaChannel(replica);
  const leases = new Leases(replica);
  return {
    replica,
    channel,
    leases,
    async close() {
      replica.close();
      // Stopping waits only briefly for this, because the lease also expires by itself.
      const goodbye = leases.close().catch(replica.onError);
      await Promise.race([goodbye, new Promise<void>((resolve) => afterUnlessDone(GOODBYE_MS, resolve))]);
    },
  };
}

/** The server's sessions, kept in this process or shared with its replicas. */
export function openSessions(
  options: SessionOptions,
  server: McpServer,
  inFlight: InFlight,
  replicas: Replicas | undefined,
): Sessions {
  const records = replicas && new SessionRecords(replicas.channel, options.idleMs);
  const boundTo = (change: Change): readonly string[] => boundOfChange(change, server);
  const sessions = new Sessions({ ...options, boundTo }, server.changes, records);
  if (replicas === undefined) return sessions;
  const { answer, cancel } = forwardToOwner(replicas.channel, replicas.leases, sessions, inFlight);
  const resuming = new Resuming(replicas.channel, replicas.leases, sessions, server);
  const find: RemoteSessions['find'] = (session, eventId, scopes) => resuming.find(session, eventId, scopes);
  sessions.elsewhere = { answer, cancel, find };
  return sessions;
}

/** The server's tasks, kept in this process or shared with its replicas. */
export function openTasks(
  limits: Pick<TaskOptions, 'perPrincipal' | 'maxKept' | 'changes'>,
  onError: OnError,
  replicas: Replicas | undefined,
): TaskStore {
  const options: TaskOptions = {
    ...limits,
    after: afterUnlessDone,
    clock: now,
    newId: randomUUID,
    errorOf(error) {
      if (error instanceof Fault) return errorResponse(undefined, error).error;
      onError(error, 'tool.task-failed');
      const text = "the task failed; the reason is in the server's log";
      const { code, message } = new Fault('internalError', text);
      return { code, message };
    },
  };
  return replicas === undefined
    ? new Tasks(options)
    : new SharedTasks(options, replicas.channel, replicas.leases);
}

/**
 * Notifies the clients of every replica. This replica waits for its own broadcast too, so that it first applies what clients
 * settled before the change. If the broadcast fails, only the clients of this replica are notified.
 */
export function tellChange(change: Change, changes: Changes, replicas: Replicas | undefined): void {
  const here = (): void => changes.emit(change);
  if (replicas === undefined) here();
  else
    replicas.channel.broadcast('changed', change).catch((error: unknown) => {
      replicas.replica.onError(error);
      here();
    });
}

/** Like `tellChange`, from a process that runs no replica of that server. @throws StateUnavailable */
export function postChange(state: SharedState, server: string, change: Change): Promise<void> {
  return broadcastTo(state, server, 'changed', change);
}

export function tellAgain({ kind, uri }: JsonObject, changes: Changes): void {
  if (kind === 'tools' || kind === 'prompts' || kind === 'resources') changes.emit({ kind });
  else if (kind === 'resource' && typeof uri === 'string') changes.emit({ kind, uri });
}
