import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { demoScript } from '../../src/demo/data/seed.js';
import { openEmbedded } from '../../src/demo/database/embedded.js';

const test = suite('store/demo');
const db = openEmbedded();
test.after(() => db.close());

const rows = async (sql: string) => (await db.run(sql, [])).rows;

test('is the same text every time', () => {
  assert.is(demoScript(), demoScript());
});

test('has the tables that the tools know, with rows in each', async () => {
  const counts = await rows(`select table_name, (xpath('/row/n/text()', query_to_xml(
    'select count(*) as n from demo.' || table_name, false, true, '')))[1]::text::int
    from information_schema.tables where table_schema = 'demo' order by 1`);
  const known: { [table: string]: number } = {
    customers: 400,
    employees: 50,
    incident_events: 282,
    incidents: 80,
    issue_comments: 598,
    issues: 400,
    on_call: 1560,
    order_items: 3736,
    orders: 1500,
    products: 60,
    projects: 5,
    services: 15,
  };
  assert.equal(Object.fromEntries(counts), known);
});

test('describes each table, and holds no personal data of anybody', async () => {
  assert.equal(
    await rows(`select relname from pg_class where relnamespace = 'demo'::regnamespace
    and relkind = 'r' and obj_description(oid) is null`),
    [],
  );
  assert.equal(
    await rows(`select * from demo.customers where email !~ '@example\\.(com|org|net)$'
    or phone !~ '-555-01\\d\\d$' or ssn !~ '^(000|9\\d\\d)-\\d\\d-\\d{4}$'`),
    [],
  );
  assert.equal(await rows(`select * from demo.employees where email !~ '@example\\.com$'`), []);
});

test('adds up', async () => {
  assert.equal(
    await rows(`select o.id from demo.orders o left join demo.order_items i on i.order_id = o.id
    group by o.id having sum(quantity * unit_price_cents) is distinct from total_cents`),
    [],
  );
  assert.equal(
    await rows(
      `select key from demo.issues where key <> project_key || '-' || number or updated_at < created_at`,
    ),
    [],
  );
  assert.equal(
    await rows(`select p.key from demo.projects p join demo.issues i on i.project_key = p.key
    group by p.key having max(number) >= min(next_number)`),
    [],
  );
  assert.equal(
    await rows(`select id from demo.incidents where (status = 'resolved') <> (resolved_at is not null)
    or (status = 'open') <> (acknowledged_at is null) or acknowledged_at < opened_at or resolved_at < acknowledged_at`),
    [],
  );
  assert.equal(
    await rows(
      `select o.id from demo.orders o join demo.customers c on c.id = customer_id where placed_at < c.created_at`,
    ),
    [],
  );
});

test('has open incidents, and each service always has somebody on call from the same team', async () => {
  assert.equal(await rows(`select count(*) >= 6 from demo.incidents where status = 'open'`), [[true]]);
  assert.equal(
    await rows(`select s.id from demo.services s cross join generate_series(timestamptz '2026-01-05',
    '2029-12-01', '11 days 7 hours') at left join demo.on_call o on o.service_id = s.id and at >= starts_at and at < ends_at
    left join demo.employees e on e.id = employee_id group by s.id, at having count(e.id) filter (where e.team = s.team) <> 1`),
    [],
  );
});

test.run();
