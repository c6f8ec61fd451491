/**
 * The demo company's tables. Every table and column whose name does not explain it has a COMMENT, which models read before
 * they write queries.
 */

export const DEMO_SCHEMA = `
CREATE SCHEMA demo;
COMMENT ON SCHEMA demo IS 'A made-up software company: its customers, orders, people, services, issues and incidents.';

CREATE TABLE demo.customers (
  id int PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL,
  phone text NOT NULL,
  ssn text NOT NULL,
  country text NOT NULL,
  plan text NOT NULL CHECK (plan IN ('free', 'team', 'business', 'enterprise')),
  created_at timestamptz NOT NULL
);
COMMENT ON TABLE demo.customers IS 'People who buy. None of them exists.';
COMMENT ON COLUMN demo.customers.email IS 'Personal data; on example.com, example.org or example.net';
COMMENT ON COLUMN demo.customers.phone IS 'Personal data; in the range 555-0100 to 555-0199, which belongs to nobody';
COMMENT ON COLUMN demo.customers.ssn IS 'Personal data; from number ranges that were never issued';
COMMENT ON COLUMN demo.customers.country IS 'ISO 3166-1 alpha-2';
COMMENT ON COLUMN demo.customers.plan IS 'free, team, business or enterprise';

CREATE TABLE demo.products (
  id int PRIMARY KEY,
  sku text NOT NULL UNIQUE,
  name text NOT NULL,
  category text NOT NULL,
  price_cents int NOT NULL CHECK (price_cents >= 0)
);
COMMENT ON TABLE demo.products IS 'What is sold, at its present price.';
COMMENT ON COLUMN demo.products.price_cents IS 'Present price in US cents; what was paid is in order_items';

CREATE TABLE demo.orders (
  id int PRIMARY KEY,
  customer_id int NOT NULL REFERENCES demo.customers,
  status text NOT NULL CHECK (status IN ('pending', 'paid', 'shipped', 'delivered', 'refunded', 'cancelled')),
  placed_at timestamptz NOT NULL,
  total_cents int NOT NULL CHECK (total_cents >= 0)
);
CREATE INDEX ON demo.orders (customer_id);
COMMENT ON TABLE demo.orders IS 'One row an order.';
COMMENT ON COLUMN demo.orders.status IS 'pending, paid, shipped, delivered, refunded or cancelled';
COMMENT ON COLUMN demo.orders.total_cents IS 'Sum of quantity * unit_price_cents over its order_items';

CREATE TABLE demo.order_items (
  order_id int NOT NULL REFERENCES demo.orders,
  product_id int NOT NULL REFERENCES demo.products,
  quantity int NOT NULL CHECK (quantity > 0),
  unit_price_cents int NOT NULL CHECK (unit_price_cents >= 0),
  PRIMARY KEY (order_id, product_id)
);
COMMENT ON TABLE demo.order_items IS 'The products of an order, one row a product.';
COMMENT ON COLUMN demo.order_items.unit_price_cents IS 'What one piece cost when it was ordered';

CREATE TABLE demo.employees (
  id int PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL UNIQUE,
  title text NOT NULL,
  team text NOT NULL
);
COMMENT ON TABLE demo.employees IS 'People who work here.';

CREATE TABLE demo.services (
  id int PRIMARY KEY,
  name text NOT NULL UNIQUE,
  team text NOT NULL,
  tier int NOT NULL CHECK (tier BETWEEN 1 AND 3)
);
COMMENT ON TABLE demo.services IS 'What runs in production, and the team that keeps it running.';
COMMENT ON COLUMN demo.services.tier IS '1 wakes somebody at night, 3 can wait until Monday';

CREATE TABLE demo.on_call (
  id int PRIMARY KEY,
  service_id int NOT NULL REFERENCES demo.services,
  employee_id int NOT NULL REFERENCES demo.employees,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL CHECK (ends_at > starts_at)
);
CREATE INDEX ON demo.on_call (service_id, starts_at);
COMMENT ON TABLE demo.on_call IS 'Who answers for a service, in shifts of two weeks that touch without a gap.';
COMMENT ON COLUMN demo.on_call.ends_at IS 'The first moment that is no longer in the shift';

CREATE TABLE demo.projects (
  key text PRIMARY KEY,
  name text NOT NULL,
  lead_id int NOT NULL REFERENCES demo.employees,
  next_number int NOT NULL
);
COMMENT ON TABLE demo.projects IS 'Projects of the issue tracker.';
COMMENT ON COLUMN demo.projects.next_number IS 'The number that the next issue of the project gets';

CREATE TABLE demo.issues (
  key text PRIMARY KEY,
  project_key text NOT NULL REFERENCES demo.projects,
  number int NOT NULL,
  type text NOT NULL CHECK (type IN ('Bug', 'Task', 'Story', 'Epic')),
  summary text NOT NULL,
  description text NOT NULL,
  status text NOT NULL CHECK (status IN ('To Do', 'In Progress', 'In Review', 'Done')),
  priority text NOT NULL CHECK (priority IN ('Highest', 'High', 'Medium', 'Low', 'Lowest')),
  assignee_id int REFERENCES demo.employees,
  reporter_id int NOT NULL REFERENCES demo.employees,
  labels text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (project_key, number)
);
COMMENT ON TABLE demo.issues IS 'Bugs, tasks, stories and epics.';
COMMENT ON COLUMN demo.issues.key IS 'Project key and number, such as PAY-17';
COMMENT ON COLUMN demo.issues.status IS 'To Do, In Progress, In Review or Done';
COMMENT ON COLUMN demo.issues.priority IS 'Highest, High, Medium, Low or Lowest';
COMMENT ON COLUMN demo.issues.assignee_id IS 'Null while nobody has taken it';

CREATE TABLE demo.issue_comments (
  id int PRIMARY KEY,
  issue_key text NOT NULL REFERENCES demo.issues,
  author_id int NOT NULL REFERENCES demo.employees,
  body text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX ON demo.issue_comments (issue_key);
COMMENT ON TABLE demo.issue_comments IS 'What people wrote under an issue.';

CREATE TABLE demo.incidents (
  id text PRIMARY KEY,
  service_id int NOT NULL REFERENCES demo.services,
  title text NOT NULL,
  summary text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('SEV1', 'SEV2', 'SEV3', 'SEV4')),
  status text NOT NULL CHECK (status IN ('open', 'acknowledged', 'resolved')),
  opened_at timestamptz NOT NULL,
  acknowledged_at timestamptz,
  acknowledged_by text,
  resolved_at timestamptz
);
COMMENT ON TABLE demo.incidents IS 'Something in production broke.';
COMMENT ON COLUMN demo.incidents.id IS 'Such as INC-1001';
COMMENT ON COLUMN demo.incidents.severity IS 'SEV1 (everybody is affected) to SEV4 (nobody noticed yet)';
COMMENT ON COLUMN demo.incidents.status IS 'open, acknowledged or resolved';
COMMENT ON COLUMN demo.incidents.acknowledged_by IS 'Who took it: an e-mail address, or the user of an access token';

CREATE TABLE demo.incident_events (
  id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  incident_id text NOT NULL REFERENCES demo.incidents,
  at timestamptz NOT NULL,
  kind text NOT NULL,
  detail text NOT NULL
);
CREATE INDEX ON demo.incident_events (incident_id, at);
COMMENT ON TABLE demo.incident_events IS 'The timeline of an incident.';
COMMENT ON COLUMN demo.incident_events.kind IS 'opened, acknowledged, note or resolved';
`;
