/**
 * The tools of one server. Registration checks their names and compiles their schemas, so that a tool that cannot be served is refused
 * at start.
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
  mirroredParams: readonly MirroredParam[];
};

export class Catalog {
  /** The tools that are on, by name, in the order of registration. */
  entries: ReadonlyMap<string, Entry> = new Map();
  /** The position of a tool among all registered ones, on or off. */
  placeOf: (name: string) => number | undefined = () => undefined;
  #allEntries: ReadonlyMap<string, Entry> = new Map();
  #offNames: ReadonlySet<string> = new Set();
  /** One list per revision, built on first use. */
  readonly #lists = new Map<Revision, readonly JsonObject[]>();

  /** @throws SchemaRefused when a name is not valid or taken, a handler is missing, or a schema cannot be served. */
  constructor(tools: readonly Tool[]) {
    this.replace(tools);
  }

  /** Every scope that any tool needs, on or off. */
  get scopes(): readonly string[] {
    return [...new Set([...this.#allEntries.values()].map(({ tool }) => tool.scope))];
  }

  /** The tools that are on, as a revision shows them. */
  listFor(revision: Revision): readonly JsonObject[] {
    const cachedList = this.#lists.get(revision);
    if (cachedList !== undefined) return cachedList;
    const list = [...this.entries.values()].map(({ tool }) => listedTool(tool, REVISIONS[revision]));
    this.#lists.set(revision, list);
    return list;
  }

  /** Replaces all tools; those that are off stay off. True if the list changed. @throws SchemaRefused like the constructor */
  replace(tools: readonly Tool[]): boolean {
    const entries = registerAll(tools, this.#allEntries);
    const before = JSON.stringify(this.listFor(MODERN));
    this.#allEntries = entries;
    this.placeOf = placesOf(entries.keys());
    this.disable(this.#offNames);
    return JSON.stringify(this.listFor(MODERN)) !== before;
  }

  /** Switches these tools off and all others on. True if the list changed. */
  disable(names: ReadonlySet<string>): boolean {
    const hasChanged = [...this.#allEntries.keys()].some(
      (name) => names.has(name) !== this.#offNames.has(name),
    );
    this.#offNames = new Set(names);
    this.entries = new Map([...this.#allEntries].filter(([name]) => !names.has(name)));
    this.#lists.clear();
    return hasChanged;
  }
}

const NAME = /^[A-Za-z0-9_.-]{1,128}$/;

/** A tool that was served before keeps its entry, so that its waiting calls can go on. */
function registerAll(tools: readonly Tool[], before: ReadonlyMap<string, Entry>): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const tool of tools) {
    if (entries.has(tool.name))
      throw new SchemaRefused(`tool ${tool.name}: the name is taken by another tool`);
    const oldEntry = before.get(tool.name);
    entries.set(tool.name, oldEntry?.tool === tool ? oldEntry : register(tool));
  }
  return entries;
}

/** The tool as a revision shows it. */
export function listedTool(tool: Tool, features: Features): JsonObject {
  const { name, title, description, inputSchema, outputSchema, annotations, _meta } = tool;
  const item: JsonObject = { name };
  if (features.structured) item.title = title;
  item.description = description;
  item.inputSchema = inputSchema;
  const showsOutput = features.structured && (features.structuredAny || outputSchema?.type === 'object');
  if (outputSchema !== undefined && showsOutput) item.outputSchema = outputSchema;
  if (features.annotations && annotations !== undefined) item.annotations = annotations;
  if (features.structured && _meta !== undefined) item._meta = _meta;
  return item;
}

function register(tool: Tool): Entry {
  const label = `tool ${tool.name}`;
  if (!NAME.test(tool.name)) {
    throw new SchemaRefused(
      `${label}: a name has 1 to 128 of A-Z a-z 0-9 _ - . (2026-07-28/tools/015, /017)`,
    );
  }
  // The type demands it, but a tool module may be plain JavaScript.
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
    mirroredParams: mirroredParams(label, tool.inputSchema),
  };
}

const ANNOTATION = 'x-mcp-header';
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const TYPES = ['string', 'integer', 'boolean'] as const;

/** The parameters that `x-mcp-header` mirrors. @throws SchemaRefused when an annotation is wrong or out of place */
export function mirroredParams(label: string, inputSchema: JsonObject): MirroredParam[] {
  const params: MirroredParam[] = [];
  // `path` is undefined where something other than "properties" was on the way.
  const visit = (value: unknown, path: string[] | undefined): void => {
    if (typeof value !== 'object' || value === null) return;
    // `properties` may name a parameter "x-mcp-header": its value is then a schema, not a string.
    if (isRecord(value) && ANNOTATION in value && (path?.length || !isRecord(value[ANNOTATION])))
      params.push(mirroredParam(label, value, path));
    for (const [name, part] of Object.entries(value)) {
      if (name === 'properties' && path !== undefined && isRecord(part))
        for (const [member, schema] of Object.entries(part)) visit(schema, [...path, member]);
      else visit(part, undefined);
    }
  };
  visit(inputSchema, []);
  const headers = params.map(({ header }) => header.toLowerCase());
  const duplicate = params.find((_, at) => headers.indexOf(headers[at] ?? '') !== at);
  if (duplicate !== undefined)
    throw new SchemaRefused(`${label}: two parameters share the header ${duplicate.header}`);
  return params;
}

function mirroredParam(label: string, schema: JsonObject, path: string[] | undefined): MirroredParam {
  if (path === undefined || path.length === 0)
    throw new SchemaRefused(
      `${label}: "${ANNOTATION}" may stand only on a property reached through "properties" alone`,
    );
  const where = `${label}: /${path.join('/')}: "${ANNOTATION}"`;
  const value = schema[ANNOTATION];
  if (typeof value !== 'string' || !TOKEN.test(value))
    throw new SchemaRefused(`${where} must be a header token, received ${preview(value)}`);
  const type = TYPES.find((one) => one === schema.type);
  if (type === undefined)
    throw new SchemaRefused(`${where} needs type ${TYPES.join(', ')}, received ${preview(schema.type)}`);
  return { header: `Mcp-Param-${value}`, path, type };
}
