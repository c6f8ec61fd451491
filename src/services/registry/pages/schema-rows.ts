/**
 * A JSON Schema as rows that a person can read: one for each member, nested ones by their path, `filters[].field`.
 * Not everything that a schema can say fits into rows; the page shows the schema itself beside them.
 */
import { isRecord, type JsonObject } from '../../../wire/value.js';
import { branchesOf, partOf, propertiesOf, requiredOf, typesOf } from './schema-parts.js';
import { limitsOf } from './schema-words.js';

export type SchemaRow = {
  path: string;
  type: string;
  /** `some`: in some of the forms that the value may have. */
  presence: 'required' | 'optional' | 'some';
  description?: string;
  limits: string[];
};

const MAX_ROWS = 100;
const MAX_DEPTH = 6;

/** `cut`: there was more than fits. */
export function schemaRows(root: JsonObject): { rows: SchemaRow[]; cut: boolean } {
  const walk = new Walk(root);
  const whole = partOf(root, root);
  if (!typesOf(whole).includes('object') && propertiesOf(whole).length === 0)
    walk.row('(the whole value)', whole, 'required');
  walk.into(whole, '', 0);
  return { rows: walk.rows, cut: walk.cut };
}

class Walk {
  readonly rows: SchemaRow[] = [];
  cut = false;

  constructor(readonly root: JsonObject) {}

  row(path: string, part: JsonObject, presence: SchemaRow['presence']): void {
    const { description } = part;
    this.rows.push({
      path,
      type: typeWords(part, this.root),
      presence,
      ...(typeof description === 'string' && description !== '' ? { description } : {}),
      limits: limitsOf(part),
    });
  }

  /** The members of an object and the items of a list. */
  into(part: JsonObject, path: string, depth: number): void {
    this.#members(part, path, depth, requiredOf(part));
    // A branch's own branches are left to the schema itself: schemas that refer to themselves have no end of them.
    for (const branch of branchesOf(part, this.root)) this.#members(branch, path, depth, undefined);
    if (isRecord(part.items)) this.#items(partOf(part.items, this.root), `${path}[]`, depth);
    if (isRecord(part.additionalProperties))
      this.#member(path === '' ? '*' : `${path}.*`, part.additionalProperties, 'optional', depth);
  }

  #members(part: JsonObject, path: string, depth: number, required: string[] | undefined): void {
    for (const [name, schema] of propertiesOf(part)) {
      if (this.rows.length >= MAX_ROWS) {
        this.cut = true;
        return;
      }
      const presence = required === undefined ? 'some' : required.includes(name) ? 'required' : 'optional';
      this.#member(joined(path, name), schema, presence, depth);
    }
  }

  #member(path: string, schema: unknown, presence: SchemaRow['presence'], depth: number): void {
    if (this.rows.length >= MAX_ROWS || depth >= MAX_DEPTH) {
      this.cut = true;
      return;
    }
    const part = partOf(schema, this.root);
    this.row(path, part, presence);
    this.into(part, path, depth + 1);
  }

  #items(part: JsonObject, path: string, depth: number): void {
    if (this.rows.length >= MAX_ROWS || depth >= MAX_DEPTH) {
      this.cut = true;
      return;
    }
    // What a list holds is told by the list's own row, unless there is more to say of it.
    if (typeof part.description === 'string' || limitsOf(part).length > 0) this.row(path, part, 'optional');
    this.into(part, path, depth + 1);
  }
}

function joined(path: string, name: string): string {
  if (!/^[\w$-]+$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === '' ? name : `${path}.${name}`;
}

/** `list of text or null`, in the words of JSON Schema. */
function typeWords(part: JsonObject, root: JsonObject): string {
  const own = typesOf(part).map((type) => (type === 'array' ? listWords(part, root) : type));
  if (own.length > 0) return own.join(' or ');
  const branches = branchesOf(part, root).flatMap((branch) => plainType(branch));
  if (branches.length > 0) return [...new Set(branches)].join(' or ');
  if (typeof part.$ref === 'string') return `see ${part.$ref}`;
  if (propertiesOf(part).length > 0) return 'object';
  return plainType(part).join(' or ') || 'any';
}

function listWords(part: JsonObject, root: JsonObject): string {
  const item = isRecord(part.items) ? partOf(part.items, root) : {};
  const own = plainType(item);
  const held = own.length > 0 ? own : branchesOf(item, root).flatMap((branch) => plainType(branch));
  return held.length === 0 ? 'array' : `array of ${[...new Set(held)].join(' or ')}`;
}

function plainType(part: JsonObject): string[] {
  const types = typesOf(part);
  if (types.length > 0) return types;
  // Without a type, the values that are allowed tell it.
  const values = 'const' in part ? [part.const] : Array.isArray(part.enum) ? part.enum : [];
  return [
    ...new Set(values.map((one) => (one === null ? 'null' : Array.isArray(one) ? 'array' : typeof one))),
  ];
}
