/**
 * What a tool is: a plain object with a name, its schemas and a handler. This file knows no wire; how a result
 * is shaped for each revision is in shape.ts, how schemas are compiled is in catalog.ts.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools
 */
import type { JsonObject } from '../value.js';
import type { HandlerContext } from './context.js';

/** For whom a piece of content is, and how much it matters, from 0 to 1 (2026-07-28/resources/011). */
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

/** The same, where what is wrong are the caller's arguments: a prompt is then refused as invalid params. */
export class ArgumentError extends ToolError {
  override readonly name: string = 'ArgumentError';
}
