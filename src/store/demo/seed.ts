/**
 * The demo company's rows, the same in every run and on every machine. `demoScript()` is the SQL text that builds
 * the whole schema; its hash names the prepared copy (prepared.ts). Tables are in schema.ts, words in words.ts.
 */
import { type Random, seededRandom } from './random.js';
import { DEMO_SCHEMA } from './schema.js';
import * as words from './words.js';

type Cell = string | number | null | readonly string[];

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** The demo company's "now": nothing in it happened later, except that people are on call until the end of 2029. */
const NOW = Date.UTC(2026, 10, 1);

export function demoScript(): string {
  const random = seededRandom(20_261_101);
  const people = employees(random);
  return [
    DEMO_SCHEMA,
    ...shop(random),
    insert('employees', people),
    insert(
      'services',
      words.SERVICES.map(([name, team, tier], at) => [at + 1, name, teamName(team), tier]),
    ),
    insert('on_call', onCall()),
    ...tracker(random, people.length),
    ...incidents(random, people),
  ].join('\n');
}

function shop(random: Random): string[] {
  const customers: Cell[][] = [];
  for (let id = 1; id <= 400; id++) {
    const first = random.pick(words.FIRST_NAMES);
    const last = random.pick(words.LAST_NAMES);
    customers.push([
      id,
      `${first} ${last}`,
      `${first}.${last}${id}@${random.pick(words.MAIL_HOSTS)}`.toLowerCase(),
      `+1-${random.int(201, 989)}-555-01${two(random.int(0, 99))}`,
      // Areas 000 and 9xx were never issued.
      `${random.chance(0.5) ? '000' : random.int(900, 999)}-${two(random.int(1, 99))}-${random.int(1000, 9999)}`,
      random.pick(words.COUNTRIES),
      random.pick(['free', 'free', 'free', 'team', 'team', 'business', 'enterprise']),
      time(NOW - random.int(400, 1400) * DAY - random.int(0, DAY / 1000) * 1000),
    ]);
  }
  const products: [number, string, string, string, number][] = [];
  for (const [category, things] of words.CATEGORIES) {
    for (const thing of things.split(',')) {
      for (const line of words.PRODUCT_LINES) {
        const id = products.length + 1;
        const sku = `${category.slice(0, 3).toUpperCase()}-${1000 + id}`;
        products.push([id, sku, `${line} ${thing}`, category, random.int(9, 600) * 100 + 99]);
      }
    }
  }
  const orders: Cell[][] = [];
  const items: Cell[][] = [];
  for (let id = 1; id <= 1500; id++) {
    let total = 0;
    for (const product of some(random, products, random.int(1, 4))) {
      const quantity = random.int(1, 3);
      // Prices were a little lower in the past.
      const price = product[4] - (random.chance(0.3) ? 100 * random.int(1, 5) : 0);
      total += quantity * price;
      items.push([id, product[0], quantity, price]);
    }
    const status = random.pick([
      'pending',
      'paid',
      'shipped',
      'delivered',
      'delivered',
      'delivered',
      'refunded',
      'cancelled',
    ]);
    orders.push([
      id,
      random.int(1, customers.length),
      status,
      time(NOW - random.int(0, 390 * 1440) * MINUTE),
      total,
    ]);
  }
  return [
    insert('customers', customers),
    insert('products', products),
    insert('orders', orders),
    insert('order_items', items),
  ];
}

function employees(random: Random): Cell[][] {
  const rows: Cell[][] = [];
  for (let id = 1; id <= 50; id++) {
    const first = words.FIRST_NAMES[id % words.FIRST_NAMES.length] ?? '';
    const last = random.pick(words.LAST_NAMES);
    const team = teamName((id - 1) % words.TEAMS.length);
    const title = id <= words.TEAMS.length ? 'Engineering Manager' : random.pick(words.TITLES);
    rows.push([id, `${first} ${last}`, `${first}.${last}${id}@example.com`.toLowerCase(), title, team]);
  }
  return rows;
}

function onCall(): Cell[][] {
  const rows: Cell[][] = [];
  const from = Date.UTC(2026, 0, 5);
  words.SERVICES.forEach(([, team], service) => {
    for (let shift = 0; shift < 104; shift++) {
      // A team is every fifth employee; its members take turns.
      const employee = team + 1 + 5 * ((service + shift) % 10);
      const starts = from + shift * 14 * DAY;
      rows.push([rows.length + 1, service + 1, employee, time(starts), time(starts + 14 * DAY)]);
    }
  });
  return rows;
}

function tracker(random: Random, staff: number): string[] {
  const issues: Cell[][] = [];
  const comments: Cell[][] = [];
  const perProject = 80;
  for (const [project] of words.PROJECTS) {
    for (let number = 1; number <= perProject; number++) {
      const key = `${project}-${number}`;
      const type = random.pick(['Bug', 'Bug', 'Task', 'Task', 'Story', 'Story', 'Story', 'Epic']);
      const status = random.pick(['To Do', 'To Do', 'In Progress', 'In Review', 'Done', 'Done', 'Done']);
      const created = NOW - random.int(20 * 1440, 390 * 1440) * MINUTE;
      const updated = created + random.int(0, 20 * 1440) * MINUTE;
      const assignee = status === 'To Do' && random.chance(0.6) ? null : random.int(1, staff);
      const verb = random.pick((words.ISSUE_VERBS[type] ?? '').split(','));
      issues.push([
        key,
        project,
        number,
        type,
        `${verb} ${random.pick(words.ISSUE_THINGS)}`,
        random.pick(words.ISSUE_REASONS),
        status,
        random.pick(['Highest', 'High', 'Medium', 'Medium', 'Medium', 'Low', 'Lowest']),
        assignee,
        random.int(1, staff),
        some(random, words.LABELS, random.int(0, 2)),
        time(created),
        time(updated),
      ]);
      for (let left = random.int(0, 3); left > 0; left--) {
        const at = created + random.int(0, (updated - created) / MINUTE) * MINUTE;
        comments.push([
          comments.length + 1,
          key,
          random.int(1, staff),
          random.pick(words.COMMENTS),
          time(at),
        ]);
      }
    }
  }
  const projects = words.PROJECTS.map(([key, name, team]) => [key, name, team + 1, perProject + 1]);
  return [insert('projects', projects), insert('issues', issues), insert('issue_comments', comments)];
}

function incidents(random: Random, people: Cell[][]): string[] {
  const rows: Cell[][] = [];
  const events: Cell[][] = [];
  const count = 80;
  for (let at = 0; at < count; at++) {
    const id = `INC-${1001 + at}`;
    const service = random.int(1, words.SERVICES.length);
    const [what, summary] = random.pick(words.INCIDENT_KINDS);
    const title = `${words.SERVICES[service - 1]?.[0]}: ${what}`;
    // The last eight are open and the seven before them only acknowledged.
    const status = at >= count - 8 ? 'open' : at >= count - 15 ? 'acknowledged' : 'resolved';
    const opened = NOW - (count - at) * 4 * DAY + random.int(0, 3 * 1440) * MINUTE;
    const acknowledged = opened + random.int(2, 40) * MINUTE;
    const resolved = acknowledged + random.int(10, 600) * MINUTE;
    const by = random.pick(people)[2] ?? null;
    const severity = random.pick(['SEV1', 'SEV2', 'SEV2', 'SEV3', 'SEV3', 'SEV3', 'SEV4']);
    const taken = status !== 'open';
    const over = status === 'resolved';
    rows.push([
      id,
      service,
      title,
      summary,
      severity,
      status,
      time(opened),
      taken ? time(acknowledged) : null,
      taken ? by : null,
      over ? time(resolved) : null,
    ]);
    events.push([id, time(opened), 'opened', 'An alert fired.']);
    if (taken) events.push([id, time(acknowledged), 'acknowledged', `Taken by ${by}.`]);
    if (over) {
      const noted = acknowledged + random.int(1, 9) * MINUTE;
      events.push([id, time(noted), 'note', random.pick(words.INCIDENT_NOTES)]);
      events.push([id, time(resolved), 'resolved', 'The alert is quiet again.']);
    }
  }
  return [insert('incidents', rows), insert('incident_events (incident_id, at, kind, detail)', events)];
}

function insert(table: string, rows: readonly (readonly Cell[])[]): string {
  return `INSERT INTO demo.${table} VALUES\n${rows.map((row) => `(${row.map(literal).join(',')})`).join(',\n')};\n`;
}

function literal(cell: Cell): string {
  if (cell === null) return 'NULL';
  if (typeof cell === 'number') return String(cell);
  if (typeof cell === 'string') return `'${cell.replaceAll("'", "''")}'`;
  return `'{${cell.join(',')}}'`;
}

/** `count` different members of `from`, in the order in which they were drawn. */
function some<T>(random: Random, from: readonly T[], count: number): T[] {
  const drawn = new Set<T>();
  while (drawn.size < count) drawn.add(random.pick(from));
  return [...drawn];
}

const time = (millis: number) => new Date(millis).toISOString();
const two = (number: number) => String(number).padStart(2, '0');
const teamName = (index: number) => words.TEAMS[index] ?? 'Platform';
