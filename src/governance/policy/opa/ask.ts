/**
 * A real Open Policy Agent, asked over its Data API under a deadline. Everything except a well-formed decision in time rejects,
 * and the caller must then refuse the call: a policy that cannot be asked has not agreed.
 *
 * @see https://www.openpolicyagent.org/docs/rest-api#get-a-document-with-input
 */
import { readText } from '../../../oauth/fetch-json.js';
import { parseJson } from '../../../wire/jsonrpc/json.js';
import { isRecord, kindOf, preview, shorten } from '../../../wire/value.js';
import { payloadChars } from '../payload.js';
import { PAYLOAD_LIMIT, type PolicyTool, type Question } from '../question.js';

/** The input document; policy.rego describes its members. */
type OpaInput = {
  server: { name: string; tools: { [tool: string]: PolicyTool } };
  tool: string;
  token: Question['token'];
  payload_chars: number;
  now: number;
  quota?: Question['quota'];
};

export type OpaDecision = {
  allow: boolean;
  reason: string;
  /** The rule that did not pass: one of our ids, or one of the operator's own. */
  rule?: string;
  /** Columns that the caller may not read; absent where the policy does not say. */
  mask?: readonly string[];
  /** Identifies this decision in OPA's log; absent where OPA keeps none. */
  decisionId?: string;
  /** Of the bundles that OPA decided with; absent where it has none. */
  revision?: string;
};

/** `undefined` is a 200 without `result`: the policy is not loaded there, or none of its rules applies. */
type OpaProblem = 'refused' | 'undefined' | 'malformed' | 'unreachable' | 'slow';

export class OpaFailed extends Error {
  override readonly name = 'OpaFailed';

  /** The message is for the log: it may contain the engine's address. */
  constructor(
    readonly problem: OpaProblem,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}

/**
 * The input has only the size of the arguments, which Rego cannot count, because OPA's decision logs repeat the input. OPA receives
 * text that is not well-formed Unicode with U+FFFD in it, which equals no scope.
 */
export function opaInput({ server, tool, token, args, now, quota }: Question): OpaInput {
  const definition = server.tools.get(tool);
  return {
    // Only the called tool: the others do not matter, and there may be thousands. An own member, even `__proto__`.
    server: { name: server.name, tools: definition === undefined ? {} : { [tool]: definition } },
    tool,
    token,
    payload_chars: payloadChars(args, PAYLOAD_LIMIT),
    now,
    ...(quota === undefined ? {} : { quota }),
  };
}

type OpaOptions = {
  /** Of the server, such as `http://127.0.0.1:8181`. A URL with a path is used as it is. */
  url: string;
  deadlineMs?: number;
};

export type Opa = {
  /** @throws OpaFailed */
  decide(input: OpaInput): Promise<OpaDecision>;
  /** Of the newest decision: the revision of OPA's bundles; empty where it has none. */
  revision?(): string;
};

/** The path of the decision in policy.rego. */
const DECISION_PATH = '/v1/data/barewire/decision';
const MAX_ANSWER_BYTES = 65_536;
const MAX_REVISION = 1_000;

/** @throws TypeError when `url` is not a URL. */
export function createOpa({ url, deadlineMs = 250 }: OpaOptions): Opa {
  const address = new URL(url);
  if (address.pathname === '/') address.pathname = DECISION_PATH;
  // With it, OPA says which revision of its bundles decided.
  address.searchParams.set('provenance', 'true');
  let revision = '';
  return {
    revision: () => revision,
    async decide(input) {
      // One deadline for everything: an answer may begin in time and never end.
      const signal = AbortSignal.timeout(deadlineMs);
      let answer: { status: number; text: string };
      try {
        const response = await fetch(address, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ input }),
          // A decision may only come from the configured engine.
          redirect: 'error',
          signal,
        });
        const text = await readText(response, MAX_ANSWER_BYTES);
        if (text === undefined)
          throw new OpaFailed('malformed', `OPA answered over ${MAX_ANSWER_BYTES} bytes`);
        answer = { status: response.status, text };
      } catch (cause) {
        if (cause instanceof OpaFailed) throw cause;
        if (signal.aborted) throw new OpaFailed('slow', `OPA did not answer within ${deadlineMs} ms`, cause);
        throw new OpaFailed('unreachable', `OPA at ${address.origin} cannot be asked`, cause);
      }
      const decision = readOpaAnswer(answer.status, answer.text);
      revision = decision.revision ?? '';
      return decision;
    },
  };
}

/** @throws OpaFailed unless the result has `allow` and `reason`, and every other member has its type. */
export function readOpaAnswer(status: number, text: string): OpaDecision {
  if (status !== 200) throw noDecision('refused', `status ${status}: ${shorten(text, 200)}`);
  let answer: unknown;
  try {
    answer = parseJson(text);
  } catch (error) {
    throw noDecision('malformed', `the answer is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
  if (!isRecord(answer)) throw noDecision('malformed', `expected an object, received ${kindOf(answer)}`);
  if (!Object.hasOwn(answer, 'result')) throw noDecision('undefined', 'the answer has no "result"');
  const { result, decision_id: decisionId } = answer;
  const revision = revisionIn(answer.provenance);
  if (!isRecord(result))
    throw noDecision('malformed', `"result" must be an object, received ${kindOf(result)}`);
  const { allow, reason, rule, mask } = result;
  if (typeof allow !== 'boolean') throw wrongType('allow', 'true or false', allow);
  if (typeof reason !== 'string' || reason === '') throw wrongType('reason', 'a text', reason);
  if (!isOptionalText(rule)) throw wrongType('rule', 'a text', rule);
  if (mask !== undefined && !isTexts(mask)) throw wrongType('mask', 'an array of texts', mask);
  if (!isOptionalText(decisionId)) throw wrongType('decision_id', 'a text', decisionId);
  return {
    allow,
    reason,
    ...(rule === undefined ? {} : { rule }),
    ...(mask === undefined ? {} : { mask }),
    ...(decisionId === undefined ? {} : { decisionId }),
    ...(revision === undefined ? {} : { revision }),
  };
}

/** @see https://www.openpolicyagent.org/docs/rest-api#provenance */
function revisionIn(provenance: unknown): string | undefined {
  if (!isRecord(provenance)) return undefined;
  const { bundles, revision } = provenance;
  if (isRecord(bundles) && Object.keys(bundles).length > 0)
    return shorten(JSON.stringify(bundles), MAX_REVISION);
  return typeof revision === 'string' && revision !== '' ? shorten(revision, MAX_REVISION) : undefined;
}

const isOptionalText = (value: unknown): value is string | undefined =>
  value === undefined || typeof value === 'string';

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const wrongType = (name: string, type: string, value: unknown): OpaFailed =>
  noDecision('malformed', `"${name}" must be ${type}, received ${preview(value)}`);

const noDecision = (problem: OpaProblem, detail: string): OpaFailed =>
  new OpaFailed(problem, `OPA gave no decision: ${detail}`);

const READY_FOR_MS = 1_000;

/**
 * Whether the engine decides, for readiness. `ask` rejects when there is no decision. It is called at most once a second, however
 * many probes come, and never twice at the same time.
 */
export function createOpaReadiness(
  ask: () => Promise<unknown>,
  clock: () => number = () => performance.now(),
): () => Promise<void> {
  let last: { outcome: Promise<void>; settledAt: number } | undefined;
  return () => {
    if (last !== undefined && clock() - last.settledAt < READY_FOR_MS) return last.outcome;
    const probe = { outcome: Promise.resolve(), settledAt: Number.POSITIVE_INFINITY };
    probe.outcome = ask()
      .then(() => undefined)
      .finally(() => {
        probe.settledAt = clock();
      });
    last = probe;
    return probe.outcome;
  };
}
