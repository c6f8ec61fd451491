/**
 * What one MCP server is, independent of any transport, and its ports: what it asks of policy, approvals and audit. Other wings
 * fill the ports; a server without them is open, asks nobody and records nothing.
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
  /** For a model: how to use this server. */
  instructions?: string;
  catalog: Catalog;
  /** Decides before anything runs; absent on a server that is open to everybody. */
  policy?: Policy | undefined;
  /** Asks a person about calls that policy leaves to one; absent where only tokens bring approvals. */
  approvals?: ApprovalPort | undefined;
  /** Records each request and its outcome; absent where nobody keeps a log. */
  audit?: AuditPort | undefined;
  /** Follows each request in a distributed trace; absent where nobody collects traces. */
  spans?: Spans | undefined;
  /** Absent where the server offers none, and with it the capability and its methods (2026-07-28/schema/003). */
  prompts: PromptCatalog | undefined;
  resources: ResourceCatalog | undefined;
  tasks: TaskStore | undefined;
  /** Whether log messages of handlers are sent to clients that ask for them. */
  logging: boolean;
  changes: Changes;
  sealer: Sealer;
  settings: Settings;
  /** How large the answers of its tools are. */
  answerSizes: AnswerSizes;
  /** Receives every unexpected error, with the call where there is one; its client learns only that there was one. */
  onError: (error: unknown, call?: Call) => void;
};

export type Settings = {
  /** Items on one page of a list. */
  pageSize: number;
  /** Milliseconds that a client may keep a list (`ttlMs`). */
  listTtlMs: number;
  /** Milliseconds that a tool may take. */
  toolDeadlineMs: number;
  /** Takes null as null everywhere, and not as an optional argument that was left out. */
  strictArguments: boolean;
};

/** One request while it is being answered. */
export type Call = { request: Request; context: RequestContext; server: McpServer };

/** A call of a tool. */
export type ToolCall = Call & {
  entry: Entry;
  args: JsonObject;
  /** The signal of the task that the call goes on in: its request has been answered, and cannot be cancelled any more. */
  signal?: AbortSignal;
  /** The refusal when what a person approved has changed since; set while an approval lets the call run. */
  outdated?: () => Fault | undefined;
};

/**
 * One protocol method. `run` notes in the context what the request asks for, and returns a Fault to refuse, or undefined where this server,
 * for this caller, has no such method.
 */
export type Method = {
  name: string;
  eras: readonly Era[];
  run(call: Call): MethodResult | Promise<MethodResult>;
};

type MethodResult = JsonObject | Fault | undefined;

/** Decides who may use what. What it needs for that is in the principal. */
export type Policy = {
  /** Every scope that a call of the tool needs. */
  needs(tool: Tool): readonly string[];
  /** The same, and whether this principal has them all: for `tools/list`. */
  access(tool: Tool, principal: Principal): Access;
  /** A Fault while nobody can decide. */
  call(
    tool: Tool,
    args: JsonObject,
    principal: Principal,
    /** When a person approved this very call, seconds since 1970. */
    approvedAt?: number,
    /** For a call that waited and is checked again: whether it already took its share of the quota. */
    again?: { charged: boolean },
  ): Decision | Fault | Promise<Decision | Fault>;
  /** Rejects when nobody can decide just now, so that every call is refused; absent where that cannot happen. */
  ready?(): Promise<void>;
  /** Names the rules and their settings: another text means that they have changed. Absent where they never do. */
  revision?(): string;
  /** The refusal that applies to every call right now, returned synchronously; undefined while the server accepts calls. */
  closed?(): Decision | Fault | undefined;
  /**
   * The scopes that a result is bound to: those of the token's scopes that the request needed or that shaped the result. A later
   * reader needs them as well. Without `heldScopes` the token's scopes are no longer known.
   */
  boundTo?(needed: readonly string[], heldScopes: readonly string[] | undefined): readonly string[];
  /** False in a dry run, which refuses nothing. */
  readonly enforced?: false;
  /** Resources and prompts need their scope and nothing else. */
  use(scope: string, principal: Principal): Decision | Fault;
};

/** `granted` is absent where it takes an engine elsewhere to know. */
export type Access = { scopes: readonly string[]; granted?: boolean };

/** What a caller learns of a request that waits. The page gives nobody any right. */
export type ApprovalNotice = {
  id: string;
  url: string;
  /** RFC 3339. */
  expiresAt: string;
  /** What has changed since an earlier request of this call, if that is why a person is asked again. */
  changed?: string | undefined;
  /** Whether Slack shows it to approvers as well; the `data` of the refusal leaves this out. */
  slack?: boolean;
};

export type ApprovalPort = {
  /** Runs the call once a person has approved it. `decision` is the one that lacks the approval. */
  run(call: ToolCall, decision: Decision): Promise<JsonObject | Fault>;
};

/** A request that was refused before it was known which method answers it. */
type Rejection = {
  fault: Fault;
  status: number;
  principal?: Principal | undefined;
  request?: { id?: Id | undefined; method?: string | undefined; params?: JsonObject | undefined };
  headers?: Headers | undefined;
};

/** Records requests, once their answer is decided and before it leaves. */
export type AuditPort = {
  /** Before a tool runs that changes something. With a Fault, which says that it cannot be written, the tool must not run. */
  intent(call: Call): Promise<Fault | undefined>;
  /** The reply that may leave: the one given, or a refusal where that must not leave unwritten. */
  outcome(call: Call, reply: Reply): Reply | Promise<Reply>;
  /** The end of a call that went on as a task. A Fault when its result must not be given unwritten. */
  taskEnded(call: Call, outcome: { result: JsonObject } | { error: unknown }): Promise<Fault | undefined>;
  rejected(rejection: Rejection): Promise<void>;
  /** Under which ids the log has the call, so that other logs can name them. */
  idsOf?(call: Call): { callId?: string | undefined; traceId?: string | undefined };
  /** Writes what it has only counted so far. */
  close(): Promise<void>;
};

/** Answers the request within a span of its own, and notes the id of its trace in the context. */
export type Spans = (call: Call, answer: () => Promise<Reply>) => Promise<Reply>;

/** Authenticated encryption with keys that replicas may share. */
export type Sealer = {
  /** `about` is bound to the text and has to be the same when it is opened. */
  seal(text: string, about: string, ttlMs: number): Promise<string>;
  /** Undefined when the seal is broken, too old, or made for something else. */
  open(sealed: string, about: string): Promise<string | undefined>;
};
