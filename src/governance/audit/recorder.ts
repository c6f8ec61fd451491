/**
 * Requests as audit records. What is written: every call of a tool, every resource and prompt that was read, and every
 * refusal, at the door or behind it; of callers without a valid token so many a minute, and a count of the others. Not written
 * is what tells nothing but that somebody is there (`ping`, lists, handshakes). A record is in the log before its answer
 * leaves. A tool that changes something leaves two, its intent before it runs and its outcome, and both are on disk. Arguments
 * and results are redacted here; how lines are kept is audit/'s business.
 *
 * Over 200 lines because every kind of record is made here.
 */

import { InvalidToken } from '../../oauth/token-errors.js';
import type { After } from '../../wire/clock.js';
import { Fault } from '../../wire/fault.js';
import { clientName } from '../../wire/mcp/connection.js';
import type { AuditPort, Call } from '../../wire/mcp/mcp-server.js';
import { CLIENT_INFO, metaOf } from '../../wire/mcp/meta.js';
import { type Reply, refuse } from '../../wire/mcp/reply.js';
import type { RequestContext } from '../../wire/mcp/request-context.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import { AnonymousRefusals } from './anonymous-refusals.js';
import { AuditUnavailable } from './disk.js';
import type { Audit } from './log.js';
import { NOBODY } from './names.js';
import type { AuditEntry, AuditKind } from './record.js';
import { recordedArguments, recordedResponse, recordedResult, traceIdOf } from './recorded-values.js';

export type AuditOptions = {
  log: Pick<Audit, 'append' | 'healthy'>;
  /** Refuses calls that only read, too, while the log cannot be written. Calls that change something are always refused then. */
  required?: boolean;
  /** Refused callers without a valid token that get a full record, for each reason and minute; the others are counted. 60 by default. */
  anonymousPerMinute?: number;
};

export type RecorderOptions = AuditOptions & {
  /** The name of the server. */
  server: string;
  newId: () => string;
  clock: () => Date;
  after: After;
  onError: (error: unknown, about: string) => void;
};

const WRITTEN = new Set(['tools/call', 'resources/read', 'prompts/get']);

export function createAuditRecorder(options: RecorderOptions): AuditPort {
  const { log, required = false, server, newId, clock, after, onError } = options;
  const { anonymousPerMinute = 60 } = options;
  /** @throws AuditUnavailable */
  const write = (entry: AuditEntry, durable: boolean): Promise<void> => log.append(entry, { durable });

  const anonymous = new AnonymousRefusals({
    perMinute: anonymousPerMinute,
    clock,
    after,
    write: (summary) =>
      write({ kind: 'summary', ...NOBODY, server, outcome: 'refused', summary }, false).catch(
        (error: unknown) => {
          throw unwritten(error, '');
        },
      ),
  });

  /** One id for all records of a request. */
  const callIds = new WeakMap<RequestContext, string>();
  const callIdOf = (context: RequestContext): string => {
    const id = callIds.get(context) ?? newId();
    callIds.set(context, id);
    return id;
  };

  const entryOf = (kind: AuditKind, { request, context }: Call): AuditEntry => {
    const { subject, authorization, caller, transport, revision } = context;
    const { decision, needed = [], approvalId } = authorization;
    return {
      kind,
      tenant: caller.principal.tenant,
      issuer: caller.principal.issuer,
      principal: caller.principal,
      client: caller.client,
      requestId: JSON.stringify(request.id),
      callId: callIdOf(context),
      traceId: traceOf(request.params, transport.headers),
      revision,
      server,
      method: request.method,
      tool: subject.target,
      scopes: { held: caller.principal.scopes, needed },
      decision,
      args: subject.args && recordedArguments(subject.args),
      approvalId,
    };
  };

  return {
    async intent(call) {
      try {
        await write(entryOf('intent', call), true);
        return undefined;
      } catch (error) {
        return unwritten(error, 'the call was not made, for it cannot be recorded just now; try again later');
      }
    },

    outcome(call, reply) {
      const { request, context } = call;
      // A client that stops listening has not been refused.
      const told = isRefusal(reply) && context.stopped === undefined;
      if (!WRITTEN.has(request.method) && !told) return reply;
      const ran = context.handlerBegan;
      const waits = 'result' in reply.response && reply.response.result.isError !== true;
      const entry = entryOf(ran || waits ? 'outcome' : 'refused', call);
      entry.outcome = outcomeOf(reply, context);
      entry.status = reply.status;
      entry.durationMs = durationOf(context);
      entry.response = recordedResponse(reply);
      const durable = ran && context.subject.destructive === true;
      return write(entry, durable).then(
        () => reply,
        (error: unknown) => {
          // A refusal gives nothing away, and refuses with or without its record.
          if (!ran) return reply;
          const said = durable
            ? `the call ran, but its outcome cannot be recorded; its intent is recorded as ${callIdOf(context)}`
            : 'the answer is kept back, for it cannot be recorded just now; try again later';
          const fault = unwritten(error, said);
          return durable || required ? refuse(request.id, fault, context.features.era) : reply;
        },
      );
    },

    async taskEnded(call, ended) {
      const { context } = call;
      const failed = 'error' in ended;
      const entry = entryOf(context.handlerBegan ? 'outcome' : 'refused', call);
      entry.outcome = failed ? 'failed' : resultOutcome(ended.result);
      entry.durationMs = durationOf(context);
      if (!failed) entry.response = recordedResult(ended.result, JSON.stringify(ended.result).length);
      const { destructive = false } = context.subject;
      try {
        await write(entry, destructive);
      } catch (error) {
        const fault = unwritten(error, 'the outcome of the task cannot be recorded');
        if (destructive || required) return fault;
      }
      return undefined;
    },

    async rejected({ fault, status, principal, request, headers }) {
      if (principal === undefined && !anonymous.count(reasonOf(fault))) return;
      const { id, method, params = {} } = request ?? {};
      const { cause } = fault;
      const reason = cause instanceof InvalidToken ? `${cause.reason}: ${cause.message}` : fault.message;
      const entry: AuditEntry = {
        kind: 'refused',
        tenant: principal?.tenant,
        issuer: principal?.issuer,
        principal,
        client: clientName(metaOf(params)?.[CLIENT_INFO]),
        requestId: id === undefined ? undefined : JSON.stringify(id),
        callId: newId(),
        traceId: traceOf(params, headers),
        server,
        method,
        tool: typeof params.name === 'string' ? params.name : undefined,
        args: isRecord(params.arguments) ? recordedArguments(params.arguments) : undefined,
        scopes: principal && { held: principal.scopes, needed: [] },
        decision: { allow: false, reason },
        outcome: 'refused',
        status,
      };
      await write(entry, false).catch((error: unknown) => void unwritten(error, ''));
    },

    close: () => anonymous.close(),
  };

  /** What the caller is told; the log has told its own trouble already, once and not for each record. */
  function unwritten(error: unknown, said: string): Fault {
    if (!(error instanceof AuditUnavailable)) onError(error, 'audit');
    return new Fault('unavailable', said, { cause: error, headers: { 'retry-after': '5' } });
  }
}

/** Why a caller was refused that showed no valid token: one of a short list. */
function reasonOf({ name, cause }: Fault): string {
  if (cause instanceof InvalidToken) return cause.reason;
  return name === 'unauthorized' ? 'missing' : name;
}

/** 401, 403, 429, 503 and the like, by the code that is the same in both eras. */
function isRefusal({ response }: Reply): boolean {
  return 'error' in response && response.error.code > 0;
}

function outcomeOf({ response }: Reply, context: RequestContext): string {
  const { stopped } = context;
  if (stopped !== undefined) return stopped.why === 'deadline' ? 'timeout' : stopped.why;
  if ('result' in response) return resultOutcome(response.result);
  return context.handlerBegan ? 'error' : 'refused';
}

/** `complete` is told as `ok`; `input_required` and `task` by their names. */
function resultOutcome({ isError, resultType }: JsonObject): string {
  if (isError === true) return 'error';
  return typeof resultType === 'string' && resultType !== 'complete' ? resultType : 'ok';
}

function durationOf({ transport }: RequestContext): number | undefined {
  if (transport.began === undefined) return undefined;
  return Math.round((performance.now() - transport.began) * 1_000) / 1_000;
}

/** In `_meta` (2026-07-28/basic/069), or in the header of that name. */
function traceOf(
  params: JsonObject,
  headers: { [name: string]: string | string[] | undefined } | undefined,
): string | undefined {
  const said = metaOf(params)?.traceparent;
  const parent = typeof said === 'string' ? said : headers?.traceparent;
  return typeof parent === 'string' ? traceIdOf(parent) : undefined;
}
