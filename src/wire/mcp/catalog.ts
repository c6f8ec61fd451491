/**
 * The tools of one server, made ready when they are registered: names checked, schemas compiled, the form each has on
 * the wire of each revision laid out. A tool that cannot be served is refused here, at start.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools
 */
import { type Features, MODERN, REVISIONS, type Revision } from '../revisions.js';
import { type Check, compileArguments, compileSchema, SchemaRefused } from '../schema/compile.js';
import { isRecord, type JsonObject, kindOf, preview } from '../value.js';
import type { Tool } from './definitions.js';
import { placesOf } from './page.js';
import type { MirroredParam } from './request-headers.js';

export type Entry = {
  tool: Tool;
  checkArguments: Check;
  /** The arguments without those that are null because nobody gave them. */
  withoutNulls: (args: JsonObject) => JsonObject;
  checkOutput: Check | undefined;
  mirrored: readonly MirroredParam[];
};

export class Catalog {
  /** The tools that are on, by name, in the order of registration. */
  entries: ReadonlyMap<string, Entry> = new Map();
  /** Where a tool stands among all that are registered, whether it is on or off. */
  placeOf: (name: string) => number | undefined = () => undefined;
  #registered: ReadonlyMap<string, Entry> = new Map();
  #off: ReadonlySet<string> = new Set();
  /** Laid out once for each revision, not at each call. */
  readonly #lists = new Map<Revision, readonly JsonObject[]>();

  /** @throws SchemaRefused when a name is not valid or taken, a handler is missing, or a schema cannot be served. */
  constructor(tools: readonly Tool[]) {
    this.replace(tools);
  }

  /** Every scope that any tool needs, switched on or off. */
  get scopes(): readonly string[] {
    return [...new Set([...this.#registered.values()].map(({ tool }) => tool.scope))];
  }

  /** The tools that are on, as a revision shows them. */
  listed(revision: Revision): readonly JsonObject[] {
    const known = this.#lists.get(revision);
    if (known !== undefined) return known;
    const listed = [...this.entries.values()].map(({ tool }) => listedTool(tool, REVISIONS[revision]));
    this.#lists.set(revision, listed);
    return listed;
  }

  /** Takes the place of all tools. What is off stays off. True when the list changed. @throws SchemaRefused as the constructor */
  replace(tools: readonly Tool[]): boolean {
    const registered = registerAll(tools, this.#registered);
    const before = JSON.stringify(this.listed(MODERN));
    this.#registered = registered;
    this.placeOf = placesOf(registered.keys());
    this.disable(this.#off);
    return JSON.stringify(this.listed(MODERN)) !== before;
  }

  /** Switches tools off, and on again those not named any more. True when the list changed. */
  disable(names: ReadonlySet<string>): boolean {
    const shown = [...this.#registered].filter(([name]) => !names.has(name));
    const changed = [...this.#registered.keys()].some((name) => names.has(name) !== this.#off.has(name));
    this.#off = new Set(names);
    this.entries = new Map(shown);
    this.#lists.clear();
    return changed;
  }
}

const NAME = /^[A-Za-z0-9_.-]{1,128}$/;

/** A tool that was served before keeps its entry, so that calls of it which wait can go on. */
function registerAll(tools: readonly Tool[], before: ReadonlyMap<string, Entry>): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const tool of tools) {
    if (entries.has(tool.name))
      throw new SchemaRefused(`tool ${tool.name}: the name is taken by another tool`);
    const known = before.get(tool.name);
    entries.set(tool.name, known?.tool === tool ? known : register(tool));
  }
  return entries;
}

/** The tool as a revision shows it. */
export function listedTool(tool: Tool, features: Features): JsonObject {
  const { name, title, description, inputSchema, outputSchema, annotations, _meta } = tool;
  const listed: JsonObject = { name };
  if (features.structured) listed.title = title;
  listed.description = description;
  listed.inputSchema = inputSchema;
  const hasOutput = features.structured && (features.structuredAny || outputSchema?.type === 'object');
  if (outputSchema !== undefined && hasOutput) listed.outputSchema = outputSchema;
  if (features.annotations && annotations !== undefined) listed.annotations = annotations;
  if (features.structured && _meta !== undefined) listed._meta = _meta;
  return listed;
}

function register(tool: Tool): Entry {
  const label = `tool ${tool.name}`;
  if (!NAME.test(tool.name)) {
    throw new SchemaRefused(
      `${label}: a name has 1 to 128 of A-Z a-z 0-9 _ - . (2026-07-28/tools/015, /017)`,
    );
  }
  // Its type says so, but a module of somebody's own may be plain JavaScript.
  if (typeof tool.handler !== 'function') {
    throw new SchemaRefused(
      `${label}: handler must be a function (args, context) that returns a result, received ${kindOf(tool.handler)}`,
    );
  }
  if (tool.inputSchema?.type !== 'object') {
    throw new SchemaRefused(
      `${label}: inputSchema must have "type": "object" at its root (2026-07-28/schema/019)`,
    );
  }
  const { check: checkArguments, withoutNulls } = compileArguments(
    `${label} inputSchema`,
    tool.inputSchema,
    tool.schemasTested,
  );
  return {
    tool,
    checkArguments,
    withoutNulls,
    checkOutput:
      tool.outputSchema && compileSchema(`${label} outputSchema`, tool.outputSchema, tool.schemasTested),
    mirrored: mirroredParams(label, tool.inputSchema),
  };
}

const KEY = 'x-mcp-header';
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const TYPES = ['string', 'integer', 'boolean'] as const;

/** The parameters that `x-mcp-header` mirrors. @throws SchemaRefused when an annotation is wrong or out of place */
export function mirroredParams(label: string, inputSchema: JsonObject): MirroredParam[] {
  const params: MirroredParam[] = [];
  // `path` is undefined outside of what "properties" alone lead to.
  const visit = (value: unknown, path: string[] | undefined): void => {
    if (typeof value !== 'object' || value === null) return;
    // `properties` may name a parameter "x-mcp-header": its value is then a schema, not a text.
    if (isRecord(value) && KEY in value && (path?.length || !isRecord(value[KEY])))
      params.push(mirroredParam(label, value, path));
    for (const [name, part] of Object.entries(value)) {
      if (name === 'properties' && path !== undefined && isRecord(part))
        for (const [member, schema] of Object.entries(part)) visit(schema, [...path, member]);
      else visit(part, undefined);
    }
  };
  visit(inputSchema, []);
  const headers = params.map(({ header }) => header.toLowerCase());
  const twice = params.find((_, at) => headers.indexOf(headers[at] ?? '') !== at);
  if (twice !== undefined)
    throw new SchemaRefused(`${label}: two parameters share the header ${twice.header}`);
  return params;
}

function mirroredParam(label: string, schema: JsonObject, path: string[] | undefined): MirroredParam {
  if (path === undefined || path.length === 0)
    throw new SchemaRefused(
      `${label}: "${KEY}" may stand only on a property reached through "properties" alone`,
    );
  const where = `${label}: /${path.join('/')}: "${KEY}"`;
  const value = schema[KEY];
  if (typeof value !== 'string' || !TOKEN.test(value))
    throw new SchemaRefused(`${where} must be a header token, received ${preview(value)}`);
  const type = TYPES.find((one) => one === schema.type);
  if (type === undefined)
    throw new SchemaRefused(`${where} needs type ${TYPES.join(', ')}, received ${preview(schema.type)}`);
  return { header: `Mcp-Param-${value}`, path, type };
}
