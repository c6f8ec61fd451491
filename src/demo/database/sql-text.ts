/**
 * Reads untrusted SQL as PostgreSQL's lexer does, far enough to reject what must not run: another kind of statement, a
 * second statement, and calls that reach past the tables. The reader role and the cursor (read-only.ts) keep writes out;
 * this file explains why. It alone keeps callers from seeing each other's statements, and on a PostgreSQL server from
 * calling what PUBLIC may call, such as advisory locks or functions of other schemas that run with their owner's rights.
 *
 * @see https://www.postgresql.org/docs/current/sql-syntax-lexical.html
 */
import { SqlRefused } from './database.js';

type Token = { kind: 'name' | 'quoted' | 'other'; text: string };

const ALLOWED = new Set(['select', 'values', 'table', 'with']);

/**
 * Functions that run SQL passed as text, change settings or session state, block a connection, or touch files, large
 * objects, locks, backends and replication. PostgreSQL reads this pattern too: the embedded database revokes them.
 */
export const REFUSED_FUNCTIONS = `^(${[
  'set_config|setseed|setval|nextval|currval|lastval',
  '(query|cursor|table|schema|database)_to_xml.*|ts_stat|ts_rewrite',
  'lo_.*|loread|lowrite',
  'pg_read_.*|pg_ls_.*|pg_stat_file|pg_file_.*|pg_current_logfile|pg_log_.*|pg_rotate_.*|pg_reload_conf',
  'pg_sleep(_.*)?|pg_(try_)?advisory_.*|pg_terminate_backend|pg_cancel_backend|pg_notify|pg_export_snapshot',
  'pg_(logical|replication|create|drop|copy|switch|promote|wal|sync|start|stop|backup|restore|clear|import)(_.*)?',
  'pg_stat_(reset|force|clear).*|pg_(current_xact_id|nextoid|extension_config_dump|prewarm)|txid_current',
  'binary_upgrade_.*|(brin|gin)_(summarize|desummarize|clean)_.*|dblink.*',
].join('|')})$`;

const REFUSED = new RegExp(REFUSED_FUNCTIONS);

/**
 * Views and functions, also of common extensions, that show the statements, locks and connections of others. All tenants
 * read as one role, to which PostgreSQL would show them. Where the owner is a superuser, statements of that role are not
 * tracked either (postgres-setup.ts).
 */
const OTHERS = new RegExp(
  `^(${[
    'pg_stat_(activity|get_activity|get_backend_.*|statements.*|monitor.*|kcache.*|plans.*)|pg_store_plans.*',
    'pg_show_plans.*|pg_qualstats.*|pg_wait_sampling.*|pg_active_session_history|pg_query_state|aurora_stat_.*',
    'pg_locks|pg_lock_status|pg_(safe_snapshot_)?blocking_pids',
  ].join('|')})$`,
);

/** @throws SqlRefused with a reason that the caller can act on */
export function refuseUnlessReading(sql: string): void {
  if (sql.includes('\0')) throw new SqlRefused('the statement holds a NUL character');
  const tokens = tokenize(sql);
  const first = tokens.find(({ text }) => text !== '(' && text !== ';');
  if (first === undefined) throw new SqlRefused('the statement is empty');
  if (first.kind !== 'name' || !ALLOWED.has(first.text)) {
    const what = first.kind === 'name' ? first.text.toUpperCase() : first.text;
    throw new SqlRefused(
      `the statement starts with ${what.slice(0, 40)}; only SELECT, VALUES, TABLE and WITH ... SELECT may run here`,
    );
  }
  const end = tokens.findIndex(({ text }) => text === ';');
  if (end >= 0 && tokens.slice(end).some(({ text }) => text !== ';')) {
    throw new SqlRefused('there is more than one statement; send one at a time');
  }
  tokens.forEach((token, at) => {
    if (token.kind === 'other') return;
    refuseCall(tokens, at);
    if (OTHERS.test(token.text))
      throw new SqlRefused(`${token.text} shows what other callers do, so it may not be read here`);
  });
}

function refuseCall(tokens: readonly Token[], at: number): void {
  const textAt = (index: number): string | undefined => tokens[index]?.text;
  if (textAt(at + 1) !== '(') return;
  const name = textAt(at) ?? '';
  if (REFUSED.test(name))
    throw new SqlRefused(`the function ${name}() may not be called here: it does more than read tables`);
  // name.f(...) or OPERATOR(name.+): another schema may hold functions that run with their owner's rights.
  const schemas = [
    textAt(at - 1) === '.' ? textAt(at - 2) : undefined,
    name === 'operator' && textAt(at + 3) === '.' ? textAt(at + 2) : undefined,
  ];
  for (const schema of schemas) {
    if (schema !== undefined && schema !== 'pg_catalog')
      throw new SqlRefused(
        `"${schema.slice(0, 63)}" is not pg_catalog; only built-in functions and operators may be called`,
      );
  }
}

const SPACE = /[ \t\n\r\f\v]+|--[^\n\r]*/y;
const NAME = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const DOLLAR = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const NUMBER = /\$?[0-9]+/y;
const QUOTED = /"((?:[^"]|"")*)"?/y;
const STRING = /'(?:[^']|'')*'?/y;
const ESCAPE_STRING = /'(?:[^'\\]|\\[\s\S]|'')*'?/y;
/** Between two pieces of one string: 'a', a line end, 'b'. Both pieces have the same kind of escapes. */
const CONTINUED = /[ \t\f\v]*(?:--[^\n\r]*)?[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*(?=')/y;
const NESTING = /\/\*|\*\//g;

function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(sql);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  const string = (pattern: RegExp) => {
    take(pattern);
    while (take(CONTINUED)) take(pattern);
    tokens.push({ kind: 'other', text: "'...'" });
  };
  while (at < sql.length) {
    if (take(SPACE)) continue;
    const rest = sql.slice(at, at + 3);
    if (rest.startsWith('/*')) at = endOfComment(sql, at);
    else if (/^u&"/i.test(rest))
      throw new SqlRefused('U&"..." names are not read here; write the name plainly');
    else if (/^e'/i.test(rest)) {
      at++;
      string(ESCAPE_STRING);
    } else if (rest.startsWith("'")) string(STRING);
    else if (rest.startsWith('"')) {
      tokens.push({ kind: 'quoted', text: (take(QUOTED)?.[1] ?? '').replaceAll('""', '"') });
    } else {
      const name = take(NAME);
      const tag = name === null ? take(DOLLAR) : null;
      if (name !== null) tokens.push({ kind: 'name', text: name[0].toLowerCase() });
      else if (tag !== null) {
        const close = sql.indexOf(tag[0], at);
        at = close < 0 ? sql.length : close + tag[0].length;
        tokens.push({ kind: 'other', text: "'...'" });
      } else {
        const number = take(NUMBER);
        tokens.push({ kind: 'other', text: number?.[0] ?? sql.charAt(at++) });
      }
    }
  }
  return tokens;
}

/** Block comments nest. One that never ends takes the rest, and PostgreSQL reports that. */
function endOfComment(sql: string, from: number): number {
  let depth = 0;
  NESTING.lastIndex = from;
  for (let match = NESTING.exec(sql); match !== null; match = NESTING.exec(sql)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return NESTING.lastIndex;
  }
  return sql.length;
}
