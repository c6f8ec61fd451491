/** The fields that a JQL query may name: what each compares with, reads as a value, and is in SQL. */

export const ISSUE_TYPES = ['Bug', 'Task', 'Story', 'Epic'];
/** In the order of the workflow, which is how ORDER BY status sorts. */
export const STATUSES = ['To Do', 'In Progress', 'In Review', 'Done'];
/** From the lowest rank to the highest, so that `priority > Medium` means the more urgent ones. */
export const PRIORITIES = ['Lowest', 'Low', 'Medium', 'High', 'Highest'];

/** Aliases i, p, a and r are those of ISSUE_JOINS in jira-search.ts; t is WHOLE_TEXT_JOIN. */
export type Field = {
  operators: readonly string[];
  /** SQL that is null when the field is empty. */
  column: string;
  /** What a value has to be, for the error message. */
  expected: string;
  /** The parameters that stand for a value, all of which must match; undefined when it is not a value of this field. */
  read(text: string, now: Date): string[] | undefined;
  /** SQL that compares the field with one parameter. */
  match(param: string, operator: string): string;
  /** Its values are names, and only the database knows which there are. */
  names?: 'project' | 'person';
  /** What ORDER BY sorts by. "C" keeps the order of text the same whatever the locale of the database. */
  order?: readonly string[];
};

/** All the text of an issue, put together once an issue because a query may look into it many times. */
export const WHOLE_TEXT = 't.whole';
export const WHOLE_TEXT_JOIN = `cross join lateral (
  select concat_ws(' ', i.summary, i.description, string_agg(c.body, ' ')) as whole
  from demo.issue_comments c where c.issue_key = i.key) t`;

const EQUALITY = ['=', '!=', 'IN', 'NOT IN'];
const ORDERED = ['<', '<=', '>', '>='];
const CONTAINS = ['~', '!~'];
const EMPTINESS = ['IS EMPTY', 'IS NOT EMPTY'];

const LABELS = "nullif(i.labels, '{}')";

const rank = (value: string, ascending: readonly string[]): string =>
  `array_position(array[${ascending.map((each) => `'${each}'`).join(', ')}], ${value})`;

const equal = (column: string) => ({ column, match: (param: string) => `${column} = ${param}` });

const oneOf = (choices: readonly string[]) => ({
  operators: EQUALITY,
  expected: `one of ${choices.map((each) => (each.includes(' ') ? `"${each}"` : each)).join(', ')}`,
  read: (text: string) => {
    const choice = choices.find((each) => each.toLowerCase() === text.toLowerCase());
    return choice === undefined ? undefined : [choice];
  },
});

const NAME = {
  expected: 'a name that is not blank',
  read: (text: string) => (text.trim() === '' ? undefined : [text]),
};

const person = (alias: string): Field => ({
  ...NAME,
  names: 'person',
  operators: [...EQUALITY, ...EMPTINESS],
  column: `${alias}.id`,
  match: (param) => `lower(${param}) in (lower(${alias}.email), lower(${alias}.name))`,
  order: [`lower(${alias}.name) collate "C"`],
});

/** Every word must occur, in any case. */
const words = (column: string): Field => ({
  operators: CONTAINS,
  column,
  expected: 'at least one word',
  // Without the backslashes a % or _ of the caller's would match anything.
  read: (text) => text.match(/\S+/gu)?.map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`),
  match: (param) => `${column} ilike ${param}`,
});

const date = (column: string): Field => ({
  operators: ORDERED,
  column,
  expected:
    'a date: "2026-01-31", "2026-01-31 14:30" (UTC), or an offset from now such as -7d, -2w, -4h or -30m',
  read: (text, now) => {
    const time = readOffset(text, now) ?? readDate(text);
    return time === undefined ? undefined : [time];
  },
  match: (param, operator) => `${column} ${operator} ${param}::timestamptz`,
  order: [column],
});

const fields: { [name: string]: Field } = {
  project: {
    ...NAME,
    names: 'project',
    operators: EQUALITY,
    column: 'p.key',
    match: (param) => `lower(${param}) in (lower(p.key), lower(p.name))`,
    order: ['p.key collate "C"'],
  },
  key: {
    ...equal('i.key'),
    operators: EQUALITY,
    expected: 'an issue key such as PAY-12',
    read: (text) => (/^[a-z][a-z0-9]*-[1-9]\d{0,8}$/i.test(text) ? [text.toUpperCase()] : undefined),
    order: ['i.project_key collate "C"', 'i.number'],
  },
  type: { ...equal('i.type'), ...oneOf(ISSUE_TYPES), order: ['i.type collate "C"'] },
  status: { ...equal('i.status'), ...oneOf(STATUSES), order: [rank('i.status', STATUSES)] },
  priority: {
    ...oneOf(PRIORITIES),
    operators: [...EQUALITY, ...ORDERED],
    column: 'i.priority',
    match: (param, operator) =>
      ORDERED.includes(operator)
        ? `${rank('i.priority', PRIORITIES)} ${operator} ${rank(param, PRIORITIES)}`
        : `i.priority = ${param}`,
    order: [rank('i.priority', PRIORITIES)],
  },
  assignee: person('a'),
  reporter: person('r'),
  labels: {
    ...NAME,
    operators: [...EQUALITY, ...EMPTINESS],
    column: LABELS,
    match: (param) => `${param} = any(${LABELS})`,
  },
  summary: { ...words('i.summary'), order: ['lower(i.summary) collate "C"'] },
  description: { ...words("nullif(i.description, '')"), operators: [...CONTAINS, ...EMPTINESS] },
  text: words(WHOLE_TEXT),
  created: date('i.created_at'),
  updated: date('i.updated_at'),
};
/** A map, because an object would also know `constructor`. */
export const FIELDS: ReadonlyMap<string, Field> = new Map(Object.entries(fields));

export const FIELD_NAMES = [...FIELDS.keys()].join(', ');
export const SORTABLE_FIELD_NAMES = [...FIELDS]
  .flatMap(([name, { order }]) => (order === undefined ? [] : name))
  .join(', ');

const MILLISECONDS = new Map([
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
]);

function readOffset(text: string, now: Date): string | undefined {
  const [, sign, count, unit = ''] = /^([+-]?)(\d{1,4})([wdhm])$/.exec(text) ?? [];
  const distance = Number(count) * (MILLISECONDS.get(unit) ?? Number.NaN);
  if (Number.isNaN(distance)) return undefined;
  return new Date(now.getTime() + (sign === '-' ? -distance : distance)).toISOString();
}

function readDate(text: string): string | undefined {
  const match = /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[ T](\d{2}:\d{2}))?$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, clock = '00:00'] = match;
  const iso = `${year}-${month}-${day}T${clock}:00.000Z`;
  const time = new Date(iso);
  // Date turns 31 February into a day of March. PostgreSQL has no year 0.
  const exists = year !== '0000' && !Number.isNaN(time.getTime()) && time.toISOString() === iso;
  return exists ? iso : undefined;
}
