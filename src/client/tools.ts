/**
 * What a client knows of a server's tools: which arguments travel in headers too, and what a result has to look like. Definitions come
 * from a stranger, so one that is not valid hides its tool and no other (2026-07-28/streamable-http/050).
 */
import { mirroredParams } from '../wire/mcp/catalog.js';
import { type MirroredParam, paramHeaders } from '../wire/mcp/request-headers.js';
import { compileSchema, SchemaRefused } from '../wire/schema/compile.js';
import { problemText } from '../wire/schema/problem.js';
import { isRecord, type JsonObject } from '../wire/value.js';
import { ClientError } from './client-error.js';

type Known = { mirroredParams: readonly MirroredParam[]; outputSchema: unknown };

export class ToolBook {
  readonly #tools = new Map<string, Known>();
  readonly #problems = new Map<string, string>();
  /** Whether the whole list was read since it last changed. */
  complete = false;

  /** `headers`: whether this transport mirrors arguments in headers. */
  constructor(
    readonly headers: () => boolean,
    readonly warn: (warning: string) => void = () => undefined,
  ) {}

  forget(): void {
    this.#tools.clear();
    this.#problems.clear();
    this.complete = false;
  }

  /** False for a tool that is not to be used; the warning says why. */
  add(tool: JsonObject): boolean {
    const { name, inputSchema, outputSchema } = tool;
    if (typeof name !== 'string') return false;
    try {
      const paramsInHeaders =
        this.headers() && isRecord(inputSchema) ? mirroredParams(`tool ${name}`, inputSchema) : [];
      this.#tools.set(name, { mirroredParams: paramsInHeaders, outputSchema });
      return true;
    } catch (error) {
      if (!(error instanceof SchemaRefused)) throw error;
      if (!this.#problems.has(name)) this.warn(`${error.message}; the tool is left out`);
      this.#problems.set(name, error.message);
      return false;
    }
  }

  /** @throws ClientError for a tool that is not to be used, or an argument that no header can carry */
  headersFor(name: string, args: JsonObject): { [header: string]: string } {
    const problem = this.#problems.get(name);
    if (problem !== undefined) throw new ClientError('usage', `this tool cannot be called: ${problem}`);
    try {
      return paramHeaders(this.#tools.get(name)?.mirroredParams ?? [], args);
    } catch (cause) {
      throw new ClientError('usage', `arguments: ${(cause as Error).message}`, { cause });
    }
  }

  /** The result, if its structured content is what the tool promises (2026-07-28/tools/031). @throws ClientError with the result */
  checked(name: string, result: JsonObject): JsonObject {
    const schema = this.#tools.get(name)?.outputSchema;
    if (schema === undefined || result.isError === true) return result;
    const problem = outputProblem(schema, result.structuredContent);
    if (problem === undefined) return result;
    const message = `the result of ${name} does not match its output schema: ${problem}`;
    throw new ClientError('output', message, { result });
  }
}

/** References to other documents are not followed (2026-07-28/basic/044), and what cannot be checked is not accepted (/048). */
function outputProblem(schema: unknown, content: unknown): string | undefined {
  if (content === undefined) return 'it has no structuredContent';
  try {
    const problem = compileSchema('the schema', schema)(content);
    return problem && problemText(problem);
  } catch (error) {
    if (error instanceof SchemaRefused) return error.message;
    throw error;
  }
}
