/**
 * What the author of a server writes: tools, prompts, resources, and the context that their handlers get. This file knows no wire.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools
 *
 * Over 200 lines because it is the vocabulary of authors in one piece.
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
  /** One text for this tenant of this issuer, for keys of shared things such as table rows or turns at a database. */
  readonly tenantKey: string;
  /** What the client declared it can do; empty where the era does not let us know. */
  readonly capabilities: JsonObject;
  /** Tells the caller how far the work is; does nothing unless the caller asked for it (2026-07-28/progress/007). */
  progress(progress: number, total?: number, message?: string): void;
  /**
   * Waits for something that the server needs first and this call did not cause, such as data that is being prepared: the
   * call's deadline rests meanwhile.
   */
  waitFor<T>(needed: Promise<T>): Promise<T>;
  /** A log message for the caller; does nothing below the level it asked for (2026-07-28/logging/004). */
  log(level: LogLevel, data: unknown, logger?: string): void;
  /**
   * Asks the caller's user, model or roots, and resolves with the answer. Before 2026-07-28 that is a request on the
   * call's stream; since, the handler ends here, the client learns what is missing, and its retry runs the handler
   * from the start with this answer in hand. So do nothing before the last `ask` that must not be done twice. A second
   * question under one key is sent under a key of its own.
   */
  ask(key: string, request: InputRequest): Promise<JsonObject>;
  /** Asks for several things at once. */
  askAll<Asked extends { [key: string]: InputRequest }>(
    requests: Asked,
  ): Promise<{ [Key in keyof Asked]: JsonObject }>;
  /** Ends the caller's stream early; it comes back for the rest (2025-11-25/transports/023). Does nothing elsewhere. */
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

/**
 * What a handler returns. `structuredContent` alone is enough: its JSON text is then repeated as a text block
 * for older clients (2026-07-28/tools/028).
 */
export type ToolResult = {
  content?: ContentBlock[];
  structuredContent?: unknown;
  isError?: boolean;
  /** Passed on as it is; keys have a prefix of your own (2026-07-28/basic/051). */
  _meta?: JsonObject;
};

/** What `context.task` returned for a handler that goes on in the background. */
export class TaskStarted {
  constructor(readonly task: JsonObject) {}
}

export type ToolContext = HandlerContext & {
  /**
   * Goes on in the background: a client with the tasks extension is given a task at once and asks for its outcome
   * later; any other client waits here for the same outcome. Return what this returns.
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
  /** Listed as it is from 2025-06-18 on. */
  _meta?: JsonObject;
  /** Client capabilities without which a call cannot be served, such as `{ elicitation: {} }` (2026-07-28/basic/062). */
  requires?: JsonObject;
  /** JSON Schema with `type: "object"` at its root; 2020-12 unless `$schema` says draft-07. */
  inputSchema: JsonObject;
  outputSchema?: JsonObject;
  /** A test has compiled both schemas: the server compiles them at the first call, and starts sooner. Otherwise it checks them at start. */
  schemasTested?: boolean;
  handler(args: Args, context: ToolContext): ToolOutcome | Promise<ToolOutcome>;
};

/** Checks nothing at run time: it gives the handler's arguments a type and the object a place to stand. */
export function defineTool<Args extends JsonObject>(tool: Tool<Args>): Tool {
  return tool;
}

/**
 * A failure that the caller may read. Its message reaches the wire as an `isError` result, so it holds no path,
 * no secret and no stack; any other thing a handler throws becomes one fixed sentence (2026-07-28/tools/034).
 */
export class ToolError extends Error {
  override readonly name: string = 'ToolError';
}

/** The same, for wrong arguments: a prompt is then refused as invalid params. */
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
  /** The OAuth scope that getting it needs; open to every caller unless given. */
  scope?: string;
  title?: string;
  description?: string;
  arguments?: PromptArgument[];
  /** Its arguments are texts, and the required ones are there. */
  get(args: { [name: string]: string }, context: HandlerContext): PromptResult | Promise<PromptResult>;
};

export type ResourceContents = { uri: string; mimeType?: string } & ({ text: string } | { blob: string });

/** How long, milliseconds, and who may keep contents (2026-07-28/caching/001): not at all unless given. */
export type Cache = { ttlMs: number; scope: 'public' | 'private' };

export type Described = {
  name: string;
  /** The OAuth scope that reading needs; open to every caller unless given. */
  scope?: string;
  title?: string;
  description?: string;
  mimeType?: string;
  annotations?: ContentAnnotations;
};

/**
 * `uri` is the address as the caller wrote it, for the contents to repeat; what it means is in `variables`, percent signs undone.
 * Returns undefined when there is nothing there (2026-07-28/resources/016).
 */
export type Read = (
  uri: string,
  variables: { [name: string]: string },
  context: HandlerContext,
) => Promise<ResourceContents[] | undefined> | ResourceContents[] | undefined;

export type Resource = Described & { uri: string; size?: number; read: Read; cache?: Cache };

/** Values for an argument that begins with, or resembles, what has been typed. */
export type Completer = (
  value: string,
  others: { [name: string]: string },
) => Promise<readonly string[]> | readonly string[];

export type ResourceTemplate = Described & {
  uriTemplate: string;
  read: Read;
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
