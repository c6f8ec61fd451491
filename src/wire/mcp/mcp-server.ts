/**
 * One MCP server, independent of any transport, and its ports to policy, approvals and audit. Other wings implement the ports; a server
 * without them is open, asks nobody and records nothing.
 */
import type { Fault } from '../fault.js';
import type { Id, Request } from '../jsonrpc/message.js';
import type { Principal } from '../principal.js';
import type { Era } from '../revisions.js';
import type { JsonObject } from '../value.js';
import type { AnswerSizes } from './budget.js';
import type { Catalog, Entry } from './catalog.js';
import type { Changes } from './connection.js';
import type { Decision } from './decision.js';
import type { Tool } from './definitions.js';
import type { Reply } from './reply.js';
import type { RequestContext } from './request-context.js';
import type { Headers } from './request-headers.js';
import type { PromptCatalog, ResourceCatalog } from './resources.js';
import type { TaskStore } from './task-store.js';

export type Implementation = { name: string; title?: string; version: string; description?: string };

export type McpServer = {
  info: Implementation;
  /** Tells a model how to use this server. */
  instructions?: string;
  catalog: Catalog;
  /** Decides before anything runs; absent on a server that is open to every caller. */
  policy?: Policy | undefined;
  /** Asks a person to approve calls where the policy wants it; absent if only tokens carry approvals. */
  approvals?: ApprovalPort | undefined;
  /** Records each request and its outcome; absent without an audit log. */
  audit?: AuditPort | undefined;
  /** Follows each request in a distributed trace; absent if nobody collects traces. */
  spans?: Spans | undefined;
  /** Undefined if the server offers none; then it has neither the capability nor its methods (2026-07-28/schema/003). */
  prompts: PromptCatalog | undefined;
  resources: ResourceCatalog | undefined;
  tasks: TaskStore | undefined;
  /** Whether clients that ask for the log messages of handlers get them. */
  logging: boolean;
  changes: Changes;
  sealer: Sealer;
  settings: Settings;
  /** How large the answers of its tools are. */
  answerSizes: AnswerSizes;
  /** Receives every unexpected error, with the call if there is one. The client learns only that an error happened. */
  onError: (error: unknown, call?: Call) => void;
};

export type Settings = {
  /** How many items a page of a list has. */
  pageSize: number;
  /** How long a client may cache a list (`ttlMs`). */
  listTtlMs: number;
  /** How long a tool may take. */
  toolDeadlineMs: number;
  /** Takes null literally, and not as an optional argument that was left out. */
  strictArguments: boolean;
};

/** One request while it is being answered. */
export type Call = { request: Request; context: RequestContext; server: McpServer };

/** A call of a tool. */
export type ToolCall = Call & {
  entry: Entry;
  args: JsonObject;
  /** Set if the call goes on in a task. Its request has been answered and can no longer be cancelled; this signal stops the task. */
  signal?: AbortSignal;
  /** The refusal if what a person approved has changed since; set while an approval lets the call run. */
  outdated?: () => Fault | undefined;
};

/**
 * One protocol method. `run` notes in the context what the request asks for. It returns a Fault to refuse, and undefined if the server has
 * no such method for this caller.
 */
export type Method = {
  name: string;
  eras: readonly Era[];
  run(call: Call): MethodResult | Promise<MethodResult>;
};

type MethodResult = JsonObject | Fault | undefined;

/** Decides who may use what. The principal carries all that it needs to know. */
export type Policy = {
  /** Every scope that a call of the tool needs. */
  needs(tool: Tool): readonly string[];
  /** The same, and whether this principal has them all, for `tools/list`. */
  access(tool: Tool, principal: Principal): Access;
  /** Returns a Fault while nobody can decide. */
  call(
    tool: Tool,
    args: JsonObject,
    principal: Principal,
    /** When a person approved this very call, in seconds since 1970. */
    approvedAt?: number,
    /** For a call that waited and is checked again: whether it already took its share of the quota. */
    recheck?: { charged: boolean },
  ): Decision | Fault | Promise<Decision | Fault>;
  /** Rejects while nobody can decide and every call is refused; absent if that cannot happen. */
  ready?(): Promise<void>;
  /** Identifies the rules and their settings: a new text means that they have changed. Absent if they never change. */
  revision?(): string;
  /** The refusal that applies to every call right now, returned synchronously; undefined while the server accepts calls. */
  closed?(): Decision | Fault | undefined;
  /**
   * The scopes that a later reader of the result needs: those of the token's scopes that the request needed or that shaped the result.
   * Without `heldScopes` the token's scopes are no longer known.
   */
  boundTo?(needed: readonly string[], heldScopes: readonly string[] | undefined): readonly string[];
  /** False in a dry run, which refuses nothing. */
  readonly enforced?: false;
  /** Resources and prompts need their scope and nothing else. */
  use(scope: string, principal: Principal): Decision | Fault;
};

/** `granted` is absent if only an external policy engine knows. */
export type Access = { scopes: readonly string[]; granted?: boolean };

/** What a caller learns about a pending approval. The URL by itself gives nobody any right. */
export type ApprovalNotice = {
  id: string;
  url: string;
  /** RFC 3339. */
  expiresAt: string;
  /** What has changed since an earlier request for this call, if that is why a person is asked again. */
  changed?: string | undefined;
  /** Whether Slack shows it to approvers as well; not part of the refusal's `data`. */
  slack?: boolean;
};

export type ApprovalPort = {
  /** Runs the call once a person has approved it. `decision` is the one that asks for the approval. */
  run(call: ToolCall, decision: Decision): Promise<JsonObject | Fault>;
};

/** A request that was refused before it reached a method. */
type Rejection = {
  fault: Fault;
  status: number;
  principal?: Principal | undefined;
  request?: { id?: Id | undefined; method?: string | undefined; params?: JsonObject | undefined };
  headers?: Headers | undefined;
};

/** Records each request after its answer is known and before it leaves. */
export type AuditPort = {
  /** Records a call whose tool changes something, before it runs. Returns a Fault if it cannot; then the tool must not run. */
  intent(call: Call): Promise<Fault | undefined>;
  /** Returns the reply that may leave: this one, or a refusal if it could not be recorded and must be. */
  outcome(call: Call, reply: Reply): Reply | Promise<Reply>;
  /** Records the end of a task. Returns a Fault if it cannot; then nobody may get the result. */
  taskEnded(call: Call, outcome: { result: JsonObject } | { error: unknown }): Promise<Fault | undefined>;
  rejected(rejection: Rejection): Promise<void>;
  /** The ids of the call in the audit log, for other logs to repeat. */
  idsOf?(call: Call): { callId?: string | undefined; traceId?: string | undefined };
  /** Writes the records that are still outstanding. */
  close(): Promise<void>;
};

/** Answers the request in a span of its own, and notes the trace id in the context. */
export type Spans = (call: Call, answer: () => Promise<Reply>) => Promise<Reply>;

/** Authenticated encryption with keys that replicas may share. */
export type Sealer = {
  /** Binds the text to `about`, which must be the same to open it. */
  seal(text: string, about: string, ttlMs: number): Promise<string>;
  /** Undefined if the seal is broken, expired, or made for something else. */
  open(sealed: string, about: string): Promise<string | undefined>;
};
