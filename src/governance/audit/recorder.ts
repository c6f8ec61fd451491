/**
 * Requests as audit records. Recorded are every call of a tool, every resource and prompt that was read, and every refusal; for
 * callers without a valid token only a number per minute, and a count of the others. Not recorded is what says no more than that a
 * client is there (`ping`, lists, handshakes). A record is in the log before its answer leaves. A tool that changes something has
 * two, its intent before it runs and its outcome, and both are on disk. Arguments and results are redacted here; log.ts keeps
 * the lines.
 *
 * Over 200 lines because every kind of record is made here.
 */
import { InvalidToken } from '../../oauth/token-errors.js';
import type { After } from '../../wire/clock.js';
import { Fault } from '../../wire/fault.js';
import type { OnError } from '../../wire/log.js';
import type { AuditPort, Call } from '../../wire/mcp/mcp-server.js';
import { CLIENT_INFO, clientName, metaOf } from '../../wire/mcp/meta.js';
import { type Reply, refuse } from '../../wire/mcp/reply.js';
import type { RequestContext } from '../../wire/mcp/request-context.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import { payloadChars } from '../policy/payload.js';
import { redact } from '../policy/redact.js';
import { AnonymousRefusals } from './anonymous-refusals.js';
import { AuditUnavailable } from './disk.js';
import type { Audit } from './log.js';
import { NOBODY } from './names.js';
import type { AuditEntry, AuditKind } from './record.js';

export type AuditOptions = {
  log: Pick<Audit, 'append' | 'healthy'> & Partial<Pick<Audit, 'waiting'>>;
  /** Refuses calls that only read, too, while the log cannot be written. Calls that change something are always refused then. */
  required?: boolean;
  /** Refused callers without a valid token that get a full record, for each reason and minute; the others are counted. 60 by default. */
  anonymousPerMinute?: number;
  /** Each gets a record before the log does: that of a refusal, or that of a request that ended. */
  onRefused?: ((entry: AuditEntry) => void) | undefined;
  onEnded?: ((entry: AuditEntry) => void) | undefined;
};

export type RecorderOptions = AuditOptions & {
  /** The name of the server. */
  server: string;
  newId: () => string;
  clock: () => Date;
  after: After;
  onError: OnError;
};

/** Longer arguments and results are not redacted but only counted: no record keeps that much. */
const MAX_CHARS = 64 * 1024;
const RECORDED_METHODS = new Set(['tools/call', 'resources/read', 'prompts/get']);

export function createAuditRecorder(options: RecorderOptions): AuditPort {
  const { log, required = false, server, newId, clock, after, onError } = options;
  const { anonymousPerMinute = 60, onRefused, onEnded } = options;
  const anonymous = new AnonymousRefusals({
    perMinute: anonymousPerMinute,
    clock,
    after,
    write: (summary) =>
      log
        .append({ kind: 'summary', ...NOBODY, server, outcome: 'refused', summary })
        .catch((error: unknown) => {
          throw recordingFault(error, '');
        }),
  });

  const idsOf = ({ request, context }: Call) => {
    context.callId ??= newId();
    const traceId = context.traceId ?? traceOf(request.params, context.transport.headers);
    return { callId: context.callId, traceId };
  };

  const entryOf = (kind: AuditKind, call: Call): AuditEntry => {
    const { request, context } = call;
    const { subject, authorization, caller, revision } = context;
    const { decision, needed, approvalId } = authorization;
    const { args, destructive } = subject;
    const chars = args === undefined ? 0 : payloadChars(args, MAX_CHARS);
    const { callId, traceId } = idsOf(call);
    return {
      kind,
      tenant: caller.principal.tenant,
      issuer: caller.principal.issuer,
      principal: caller.principal,
      client: caller.client,
      requestId: JSON.stringify(request.id),
      callId,
      traceId,
      revision,
      server,
      method: request.method,
      tool: subject.target,
      scopes: { held: caller.principal.scopes, needed: needed ?? [] },
      decision,
      policyInput:
        decision === undefined || needed === undefined || destructive === undefined
          ? undefined
          : {
              callApprovedAt: authorization.approvedAt,
              destructive,
              payloadChars: chars,
              quotaSpent: decision.retryAfterS === undefined ? undefined : true,
              tokenApprovedAt: caller.principal.approvedAt,
            },
      args: args && recordedArguments(args, chars),
      approvalId,
    };
  };

  return {
    async intent(call) {
      try {
        await log.append(entryOf('intent', call), { durable: true });
        return undefined;
      } catch (error) {
        return recordingFault(
          error,
          'the call was not made, for it cannot be recorded just now; try again later',
        );
      }
    },

    async outcome(call, reply) {
      const { request, context } = call;
      // A client that stops listening has not been refused.
      const { response } = reply;
      const isRefusal = 'error' in response && response.error.code > 0 && context.stopped === undefined;
      if (!RECORDED_METHODS.has(request.method) && !isRefusal) return reply;
      const ran = context.handlerBegan;
      const waits = 'result' in response && response.result.isError !== true;
      const entry = entryOf(ran || waits ? 'outcome' : 'refused', call);
      entry.outcome = outcomeOf(reply, context);
      entry.status = reply.status;
      entry.durationMs = durationOf(context);
      entry.response =
        'result' in response
          ? recordedResult(response.result, reply.text.length)
          : { code: response.error.code, message: redact(response.error.message) };
      (entry.kind === 'refused' ? onRefused : onEnded)?.(entry);
      const durable = ran && context.subject.destructive === true;
      try {
        await log.append(entry, { durable });
        return reply;
      } catch (error) {
        // A refusal gives nothing away, and refuses with or without its record.
        if (!ran) return reply;
        const detail = durable
          ? `the call ran, but its outcome cannot be recorded; its intent is recorded as ${entry.callId}`
          : 'the answer is kept back, for it cannot be recorded just now; try again later';
        const fault = recordingFault(error, detail, durable);
        return durable || required ? refuse(request.id, fault, context.features.era) : reply;
      }
    },

    async taskEnded(call, outcome) {
      const { context } = call;
      const failed = 'error' in outcome;
      const entry = entryOf(context.handlerBegan ? 'outcome' : 'refused', call);
      entry.outcome = failed ? 'failed' : resultOutcome(outcome.result);
      entry.durationMs = durationOf(context);
      if (!failed) entry.response = recordedResult(outcome.result, JSON.stringify(outcome.result).length);
      (entry.kind === 'refused' ? onRefused : onEnded)?.(entry);
      const { destructive = false } = context.subject;
      try {
        await log.append(entry, { durable: destructive });
      } catch (error) {
        const fault = recordingFault(error, 'the outcome of the task cannot be recorded', destructive);
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
        args: isRecord(params.arguments)
          ? recordedArguments(params.arguments, payloadChars(params.arguments, MAX_CHARS))
          : undefined,
        scopes: principal && { held: principal.scopes, needed: [] },
        decision: { allow: false, reason },
        outcome: 'refused',
        status,
      };
      onRefused?.(entry);
      await log.append(entry).catch((error: unknown) => void recordingFault(error, ''));
    },

    idsOf,
    close: () => anonymous.close(),
  };

  /** The refusal for the caller; `ran` when the call has changed something. The log has reported its own trouble already, once and not for each record. */
  function recordingFault(error: unknown, detail: string, ran = false): Fault {
    if (!(error instanceof AuditUnavailable)) onError(error, 'audit.failed', { server });
    return new Fault('unavailable', detail, { cause: error, ...(ran && { reason: 'outcome_unknown' }) });
  }
}

function recordedArguments(args: JsonObject, chars: number): unknown {
  return chars > MAX_CHARS ? { omitted: `more than ${MAX_CHARS} characters` } : redact(args);
}

/** The structured content if there is any, because the text beside it only repeats it. */
function recordedResult(
  { structuredContent, content, contents, messages }: JsonObject,
  chars: number,
): unknown {
  if (chars > MAX_CHARS) return { omitted: `${chars} characters` };
  return redact(
    structuredContent === undefined ? (content ?? contents ?? messages ?? null) : structuredContent,
  );
}

/** Why a caller without a valid token was refused: one of a short list. */
function reasonOf({ name, cause }: Fault): string {
  if (cause instanceof InvalidToken) return cause.reason;
  return name === 'unauthorized' ? 'missing' : name;
}

function outcomeOf({ response }: Reply, context: RequestContext): string {
  const { stopped } = context;
  if (stopped !== undefined) return stopped.why === 'deadline' ? 'timeout' : stopped.why;
  if ('result' in response) return resultOutcome(response.result);
  return context.handlerBegan ? 'error' : 'refused';
}

/** `complete` is recorded as `ok`; `input_required` and `task` keep their names. */
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
  const member = metaOf(params)?.traceparent;
  const parent = typeof member === 'string' ? member : headers?.traceparent;
  return typeof parent === 'string' ? traceIdOf(parent) : undefined;
}

const TRACE_PARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;

/**
 * The 32 hexadecimal digits of a `traceparent` header; undefined when it is absent or not valid, because the clause says to ignore it.
 *
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  const [, version, traceId, rest] = TRACE_PARENT.exec(traceparent ?? '') ?? [];
  // Only a later version may say more.
  return version === '00' && rest !== undefined ? undefined : traceId;
}
