/**
 * What the author of a server writes: tools, prompts, resources, and the context that their handlers get. Nothing here knows the wire.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools
 *
 * Over 200 lines because it keeps the vocabulary of authors in one place.
 */
import type { JsonObject } from '../value.js';

export const INPUT_METHODS = ['elicitation/create', 'sampling/createMessage', 'roots/list'] as const;

/** A question to the client. */
export type InputRequest = { method: (typeof INPUT_METHODS)[number]; params: JsonObject };

export type HandlerContext = {
  /** Aborted when the caller cancels or leaves, when the deadline passes, and when the server stops. */
  readonly signal: AbortSignal;
  /** The name of the caller's tenant, for display. Two issuers may use the same name. */
  readonly tenant: string;
  /** Unique for this tenant of this issuer: a key for shared things such as table rows or turns at a database. */
  readonly tenantKey: string;
  /** What the client declared it can do; empty if we cannot know. */
  readonly capabilities: JsonObject;
  /** Reports progress to the caller; does nothing unless the caller asked for it (2026-07-28/progress/007). */
  progress(progress: number, total?: number, message?: string): void;
  /**
   * Waits for something that the server needs first and that this call did not cause, such as data being prepared. The call's
   * deadline is paused meanwhile.
   */
  waitFor<T>(needed: Promise<T>): Promise<T>;
  /** A log message for the caller; does nothing below the level it asked for (2026-07-28/logging/004). */
  log(level: LogLevel, data: unknown, logger?: string): void;
  /**
   * Asks the caller's user, model or roots, and resolves with the answer. Before 2026-07-28 that is a request on the call's
   * stream. Since then the handler ends here, the client learns what is missing, and its retry runs the handler from the
   * start with the answer at hand. So do nothing before the last `ask` that must not be done twice. A second question with
   * the same key is sent under a new key.
   */
  ask(key: string, request: InputRequest): Promise<JsonObject>;
  /** Asks for several things at once. */
  askAll<Questions extends { [key: string]: InputRequest }>(
    requests: Questions,
  ): Promise<{ [Key in keyof Questions]: JsonObject }>;
  /** Ends the caller's stream early; the caller reconnects for the rest (2025-11-25/transports/023). A no-op without such a stream. */
  releaseStream(): void;
};

/** Who a piece of content is for, and how much it matters, from 0 to 1 (2026-07-28/resources/011). */
export type ContentAnnotations = {
  audience?: ('user' | 'assistant')[];
  priority?: number;
  lastModified?: string;
};

/** One piece of a result that a person or a model reads. */
export type ContentBlock = { annotations?: ContentAnnotations } & Content;

type Content =
  | { type: 'text'; text: string }
  | { type: 'image' | 'audio'; data: string; mimeType: string }
  | { type: 'resource_link'; uri: string; name: string; description?: string; mimeType?: string }
  | {
      type: 'resource';
      resource: { uri: string; mimeType?: string } & ({ text: string } | { blob: string });
    };

/** What a handler returns. `structuredContent` alone is enough: older clients get its JSON as a text block (2026-07-28/tools/028). */
export type ToolResult = {
  content?: ContentBlock[];
  structuredContent?: unknown;
  isError?: boolean;
  /** Passed on unchanged. Give your keys a prefix of your own (2026-07-28/basic/051). */
  _meta?: JsonObject;
};

/** What `context.task` returns for a handler that goes on in the background. */
export class TaskStarted {
  constructor(readonly task: JsonObject) {}
}

export type ToolContext = HandlerContext & {
  /**
   * Goes on in the background: a client with the tasks extension gets a task at once and asks for its outcome later; any other
   * client waits for the outcome. Return what this returns.
   */
  task(work: (context: HandlerContext) => Promise<ToolResult>): Promise<ToolOutcome>;
};

/** What a handler ends with: its result, or what `context.task` returned. */
export type ToolOutcome = ToolResult | TaskStarted;

export type ToolAnnotations = {
  title?: string;
  readOnlyHint?: boolean;
  destructiveHint?: boolean;
  idempotentHint?: boolean;
  openWorldHint?: boolean;
};

/** A tool as its author writes it. Its arguments have been checked against `inputSchema` before `handler` runs. */
export type Tool<Args extends JsonObject = JsonObject> = {
  /** 1 to 128 of `A-Z a-z 0-9 _ - .` (2026-07-28/tools/015, /017). */
  name: string;
  title: string;
  description: string;
  /** The OAuth scope that a call needs, on a server that checks tokens. */
  scope: string;
  /** True when a call changes state that a person should have approved. */
  destructive: boolean;
  annotations?: ToolAnnotations;
  /** Listed unchanged from 2025-06-18 on. */
  _meta?: JsonObject;
  /** Client capabilities without which a call cannot be served, such as `{ elicitation: {} }` (2026-07-28/basic/062). */
  requires?: JsonObject;
  /** JSON Schema with `type: "object"` at its root; 2020-12 unless `$schema` says draft-07. */
  inputSchema: JsonObject;
  outputSchema?: JsonObject;
  /** A test has compiled both schemas, so the server starts sooner and compiles them at the first call, not at start. */
  schemasTested?: boolean;
  handler(args: Args, context: ToolContext): ToolOutcome | Promise<ToolOutcome>;
};

/** Gives the handler's arguments a type. Checks nothing at run time. */
export function defineTool<Args extends JsonObject>(tool: Tool<Args>): Tool {
  return tool;
}

/**
 * A failure that the caller may read. Its message reaches the wire as an `isError` result, so keep paths, secrets and stacks out of it.
 * Anything else that a handler throws becomes one fixed sentence (2026-07-28/tools/034).
 */
export class ToolError extends Error {
  override readonly name: string = 'ToolError';
}

/** The same for wrong arguments; a prompt then answers with `Invalid params`. */
export class ArgumentError extends ToolError {
  override readonly name: string = 'ArgumentError';
}

export type PromptArgument = {
  name: string;
  title?: string;
  description?: string;
  required?: boolean;
  complete?: Completer;
};

export type PromptResult = {
  description?: string;
  messages: { role: 'user' | 'assistant'; content: ContentBlock }[];
};

export type Prompt = {
  name: string;
  /** The OAuth scope that a caller needs to get it; by default it is open to every caller. */
  scope?: string;
  title?: string;
  description?: string;
  arguments?: PromptArgument[];
  /** `args` holds strings only, and every required one. */
  get(args: { [name: string]: string }, context: HandlerContext): PromptResult | Promise<PromptResult>;
};

export type ResourceContents = { uri: string; mimeType?: string } & ({ text: string } | { blob: string });

/** How long, in milliseconds, and who may cache contents (2026-07-28/caching/001); by default nobody. */
export type Cache = { ttlMs: number; scope: 'public' | 'private' };

export type ResourceInfo = {
  name: string;
  /** The OAuth scope that a caller needs to read it; by default it is open to every caller. */
  scope?: string;
  title?: string;
  description?: string;
  mimeType?: string;
  annotations?: ContentAnnotations;
};

/**
 * `uri` is the address as the caller wrote it, for the contents to repeat; `variables` holds the template's values, percent-decoded.
 * Returns undefined if there is no such resource (2026-07-28/resources/016).
 */
export type ReadResource = (
  uri: string,
  variables: { [name: string]: string },
  context: HandlerContext,
) => Promise<ResourceContents[] | undefined> | ResourceContents[] | undefined;

export type Resource = ResourceInfo & { uri: string; size?: number; read: ReadResource; cache?: Cache };

/** Returns values that begin with, or resemble, what the user has typed for an argument. */
export type Completer = (
  value: string,
  others: { [name: string]: string },
) => Promise<readonly string[]> | readonly string[];

export type ResourceTemplate = ResourceInfo & {
  uriTemplate: string;
  read: ReadResource;
  cache?: Cache;
  complete?: { [variable: string]: Completer };
};

export const LOG_LEVELS = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export function isLogLevel(value: unknown): value is LogLevel {
  return LOG_LEVELS.includes(value as LogLevel);
}
