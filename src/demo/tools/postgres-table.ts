/** `postgres://demo/{table}`: describes a table of the demo company. */

import type { ResourceTemplate } from '../../wire/mcp/definitions.js';
import type { Database } from '../database/database.js';
import { firstColumn, isStorable } from './sql.js';

const DESCRIBE = `select json_build_object(
    'table', 'demo.' || c.relname,
    'comment', obj_description(c.oid, 'pg_class'),
    'columns', (select json_agg(json_build_object(
          'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'nullable', not a.attnotnull,
          'comment', col_description(c.oid, a.attnum)) order by a.attnum)
        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped))
  from pg_class c where c.relnamespace = 'demo'::regnamespace and c.relkind = 'r' and c.relname = $1::text`;

const TABLES = `select relname::text from pg_class
  where relnamespace = 'demo'::regnamespace and relkind = 'r' order by relname`;

export function postgresTable(db: Database): ResourceTemplate {
  return {
    uriTemplate: 'postgres://demo/{table}',
    name: 'demo-table',
    scope: 'postgres:query:readonly',
    title: 'A table of the demo company',
    description: 'Columns, types and comments of one table, as JSON; postgres.readonly can query it.',
    mimeType: 'application/json',
    async read(uri, { table = '' }, caller) {
      if (!isStorable(table)) return undefined;
      const [row] = (await db.run(DESCRIBE, [table], caller)).rows;
      return row && [{ uri, mimeType: 'application/json', text: JSON.stringify(row[0], undefined, 2) }];
    },
    complete: {
      table: async (value) =>
        firstColumn(await db.run(TABLES, [])).filter((name) => name.includes(value.toLowerCase())),
    },
  };
}
