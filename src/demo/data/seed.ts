/**
 * The demo company's rows, the same in every run and on every machine. `demoScript()` returns the SQL that builds the
 * schema of schema.ts and fills it; its hash names the prepared copy (../database/prepared.ts).
 */
import {
  type Cell,
  DAY,
  drawSome,
  insert,
  isoTime,
  MINUTE,
  NOW,
  type Random,
  seededRandom,
  teamName,
  twoDigits,
} from './rows.js';
import { DEMO_SCHEMA } from './schema.js';
import * as words from './words.js';
import { incidents, tracker } from './work.js';

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
      `+1-${random.int(201, 989)}-555-01${twoDigits(random.int(0, 99))}`,
      // Areas 000 and 9xx were never issued.
      `${random.chance(0.5) ? '000' : random.int(900, 999)}-${twoDigits(random.int(1, 99))}-${random.int(1000, 9999)}`,
      random.pick(words.COUNTRIES),
      random.pick(['free', 'free', 'free', 'team', 'team', 'business', 'enterprise']),
      isoTime(NOW - random.int(400, 1400) * DAY - random.int(0, DAY / 1000) * 1000),
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
    for (const product of drawSome(random, products, random.int(1, 4))) {
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
      isoTime(NOW - random.int(0, 390 * 1440) * MINUTE),
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
      // Every fifth employee is in the same team, whose members take turns.
      const employee = team + 1 + 5 * ((service + shift) % 10);
      const starts = from + shift * 14 * DAY;
      rows.push([rows.length + 1, service + 1, employee, isoTime(starts), isoTime(starts + 14 * DAY)]);
    }
  });
  return rows;
}
