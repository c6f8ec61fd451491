/**
 * The part of JQL (the Jira Query Language) that this server speaks, as tables: its fields, what may be asked of
 * each, and what a parsed query looks like. Reading text is in parser.ts, meaning in SQL in compile.ts.
 */

export const ISSUE_TYPES = ['Bug', 'Task', 'Story', 'Epic'];
/** In the order of the workflow, which is how ORDER BY status sorts. */
export const STATUSES = ['To Do', 'In Progress', 'In Review', 'Done'];
/** From the lowest rank to the highest, so that `priority > Medium` means the more urgent ones. */
export const PRIORITIES = ['Lowest', 'Low', 'Medium', 'High', 'Highest'];

const EQUALITY = ['=', '!=', 'IN', 'NOT IN'] as const;
const ORDERED = ['<', '<=', '>', '>='] as const;
const CONTAINS = ['~', '!~'] as const;
const EMPTINESS = ['IS EMPTY', 'IS NOT EMPTY'] as const;

export type Operator =
  | (typeof EQUALITY)[number]
  | (typeof ORDERED)[number]
  | (typeof CONTAINS)[number]
  | (typeof EMPTINESS)[number];

export type Field = {
  kind: 'project' | 'key' | 'choice' | 'person' | 'label' | 'text' | 'date';
  operators: readonly Operator[];
  choices?: readonly string[];
  sortable: boolean;
};

export const FIELDS = {
  project: { kind: 'project', operators: EQUALITY, sortable: true },
  key: { kind: 'key', operators: EQUALITY, sortable: true },
  type: { kind: 'choice', operators: EQUALITY, choices: ISSUE_TYPES, sortable: true },
  status: { kind: 'choice', operators: EQUALITY, choices: STATUSES, sortable: true },
  priority: { kind: 'choice', operators: [...EQUALITY, ...ORDERED], choices: PRIORITIES, sortable: true },
  assignee: { kind: 'person', operators: [...EQUALITY, ...EMPTINESS], sortable: true },
  reporter: { kind: 'person', operators: [...EQUALITY, ...EMPTINESS], sortable: true },
  labels: { kind: 'label', operators: [...EQUALITY, ...EMPTINESS], sortable: false },
  summary: { kind: 'text', operators: CONTAINS, sortable: true },
  description: { kind: 'text', operators: [...CONTAINS, ...EMPTINESS], sortable: false },
  text: { kind: 'text', operators: CONTAINS, sortable: false },
  created: { kind: 'date', operators: ORDERED, sortable: true },
  updated: { kind: 'date', operators: ORDERED, sortable: true },
} as const satisfies Record<string, Field>;

export type FieldName = keyof typeof FIELDS;

const ALIASES: ReadonlyMap<string, FieldName> = new Map([
  ['issuetype', 'type'],
  ['issuekey', 'key'],
]);

export function fieldNames(wanted: (field: Field) => boolean = () => true): FieldName[] {
  return (Object.keys(FIELDS) as FieldName[]).filter((name) => wanted(FIELDS[name]));
}

export function findField(word: string): FieldName | undefined {
  const name = word.toLowerCase();
  return ALIASES.get(name) ?? fieldNames().find((field) => field === name);
}

/** `text` is canonical: a choice as it is spelled in the data, a key in capitals, a date in ISO 8601. */
export type Value = { text: string; position: number };

export type Condition = {
  kind: 'condition';
  field: FieldName;
  operator: Operator;
  values: readonly Value[];
};

export type Node = Condition | { kind: 'and' | 'or'; nodes: readonly Node[] } | { kind: 'not'; node: Node };

export type Sort = { field: FieldName; descending: boolean };

/** A query without `where` asks for every issue. */
export type Query = { where: Node | undefined; order: readonly Sort[] };
