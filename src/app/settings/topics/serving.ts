/** What is served, and what only its operator sees. */
import { BOUNDS } from '../../../wire/server/create-server.js';
import { LOG_LEVELS } from '../../log/levels.js';
import { optional, SERVICES, setting } from '../setting.js';
import * as types from '../types.js';

/** Which servers run, their addresses, and who is responsible for them. */
export const servers = {
  configFile: optional('config', types.FILE, {
    help: 'JSON file, with comments, whose members are settings under the names of their flags. Flags and variables win over it. Instead of a secret it names a file. It can begin with "$schema": "./node_modules/barewire/dist/config.schema.json", so that editors complete it.',
  }),
  only: optional('only', types.oneOf(...SERVICES), { help: 'Start one service instead of all four.' }),
  stdio: setting('stdio', types.SWITCH, 'false', {
    help: 'Speak MCP on stdin and stdout instead of HTTP. Serves readonly unless --only names destructive.',
  }),
  stdioToken: optional('stdio-token', types.secret('TOKEN'), {
    help: 'Access token of the client on stdio. Without one, the client may call every tool that needs no approval.',
  }),
  host: setting('host', types.text('ADDRESS'), '127.0.0.1', {
    help: 'Address to listen on. Beyond loopback, --issuer and the public URL of each server that starts are required.',
  }),
  portBase: optional('port-base', types.whole('PORT', 1, 65_532), {
    help: 'Port of the readonly server; the other three services take the next ports. A flag for one port has precedence.',
  }),
  readonlyPort: setting('readonly-port', types.PORT, 3000, {
    help: 'Port of the readonly server. For each port, 0 picks a free one.',
  }),
  destructivePort: setting('destructive-port', types.PORT, 3001, { help: 'Port of the destructive server.' }),
  tlsCert: optional('tls-cert', types.FILE, {
    help: 'Certificate chain in PEM with which every service speaks TLS, and nothing else. It is read again when it changes.',
  }),
  tlsKey: optional('tls-key', types.FILE, {
    help: 'Private key of --tls-cert in PEM, without a passphrase. It is read again when it changes.',
  }),
  readonlyUrl: optional('readonly-url', types.PUBLIC_URL, {
    defaultText: 'the address it listens on',
    help: 'Public URL of the readonly endpoint, which is also the audience of its tokens.',
  }),
  destructiveUrl: optional('destructive-url', types.PUBLIC_URL, {
    defaultText: 'the address it listens on',
    help: 'Public URL of the destructive endpoint, which is also the audience of its tokens.',
  }),
  owner: setting('owner', types.text('TEXT'), 'the person who runs this demo; --owner names a team', {
    help: 'Who is responsible for the servers, and how to reach them. Published in their manifests.',
  }),
  slo: setting('slo', types.SLO, '99,1000', {
    help: 'What the owner promises over 30 days, published in the manifests: the percentage of requests that are answered, and the milliseconds within which 99 % of them are.',
  }),
};

/** The tools, which of them are on, and what limits a call and a list of them. */
export const tools = {
  tools: setting('tools', types.list('FILE,…'), '', {
    help: 'Modules whose exported tools are served as well. They may be TypeScript where Node runs it (22.18 or later).',
  }),
  watch: setting('watch', types.SWITCH, 'false', {
    help: 'Load a module of --tools again when its file changes, or a file that it imports by a relative path. If it has a mistake, the old one stays in use.',
  }),
  switches: optional('switches', types.FILE, {
    help: 'JSON {"disabled": ["tool"]}: tools to switch off. The file is read again when it changes.',
  }),
  bucketRoot: optional('bucket-root', types.FOLDER, {
    defaultText: 'demo data',
    help: 'Folder whose subfolders s3.list serves as buckets.',
  }),
  strictArguments: setting('strict-arguments', types.SWITCH, 'false', {
    help: 'Reject null for an optional argument whose schema forbids it, and null in place of all arguments. By default both count as left out.',
  }),
  toolDeadlineMs: setting('tool-ms', types.milliseconds(10), BOUNDS.toolDeadlineMs, {
    help: 'Time limit for a tool call.',
  }),
  tasksPerPrincipal: optional('tasks-per-principal', types.count(1, 10_000), {
    defaultText: '1000',
    help: 'Tasks of one principal, of the 10000 that each process keeps.',
  }),
  pageSize: setting('page-size', types.count(1, 10_000), BOUNDS.pageSize, {
    help: 'Items on one page of a list.',
  }),
  listTtlMs: setting('list-ttl-ms', types.milliseconds(0), BOUNDS.listTtlMs, {
    help: 'How long a client may cache a list.',
  }),
};

/** What the operator of a process sees: the lesson, the log, the trace and the metrics. */
export const operator = {
  noLearn: setting('no-learn', types.SWITCH, 'false', {
    help: 'Do not serve the lesson at /learn. Beyond loopback, or with a public URL, it is never served.',
  }),
  trace: setting('trace', types.SWITCH, 'false', {
    help: 'Explain every HTTP exchange of the MCP endpoints and the development authorization server on stderr and, without a public URL, on the page /trace under the secret that is printed at the start. Tokens and secrets are masked; other data may be shown.',
  }),
  logLevel: setting('log-level', LOG_LEVELS, 'info', {
    help: 'The least severe lines of the log: off, error, warn, info or debug, for all areas or for single ones, as in info,auth=debug. At debug, lines about errors have the stack.',
  }),
  logFormat: optional('log-format', types.oneOf('json', 'text'), {
    defaultText: 'text on a terminal, json elsewhere',
    help: 'The form of the lines that the log writes to stderr.',
  }),
  operatorSecret: optional('operator-secret', types.URL_SECRET, {
    defaultText: 'generated and printed at the start',
    help: 'Secret that opens /metrics and /trace. With a public URL neither is served. If it is set, --metrics-port asks for it too where --metrics-host is not loopback.',
  }),
  metricsPort: optional('metrics-port', types.whole('PORT', 1, 65_535), {
    help: 'Serve /metrics/readonly, /metrics/destructive and /metrics/registry for Prometheus on this port, even with a public URL.',
  }),
  metricsHost: setting('metrics-host', types.text('ADDRESS'), '127.0.0.1', {
    help: 'Address of --metrics-port. Beyond loopback, everybody who reaches it can read the metrics, unless --operator-secret-file is given: then a bearer token with that secret is needed.',
  }),
};

/** The demo database, and the PostgreSQL server that can replace it. */
export const database = {
  databaseUrl: optional('database-url', types.DATABASE_URL, {
    variable: 'DATABASE_URL',
    defaultText: 'an embedded database',
    help: 'PostgreSQL server for the demo data, the registry and, without --state-url, what replicas share.',
  }),
  stateUrl: optional('state-url', types.STATE_URL, {
    defaultText: 'the PostgreSQL server of --database-url',
    help: 'Valkey or Redis server for what replicas share, except the data of the registry. It must write each change to its disk: appendonly yes, appendfsync always. To another machine it needs TLS: valkeys:// or rediss://.',
  }),
  databaseReaderUrl: optional('database-reader-url', types.DATABASE_URL, {
    variable: 'DATABASE_READER_URL',
    defaultText: 'a login that the set-up creates',
    help: 'The same database with a login that may only read.',
  }),
  databaseConnections: setting('database-connections', types.count(1, 1_000), 4, {
    help: 'Connections to a PostgreSQL server that one tenant may use for postgres.readonly, and as many again for the other tools. One more is kept for other tenants.',
  }),
  cacheHome: optional('cache-home', types.FOLDER, {
    variable: 'XDG_CACHE_HOME',
    defaultText: '~/.cache',
    help: 'Folder that keeps the prepared embedded database. The variable, but not the flag, also moves the compiled code that Node 22 and later keep for the next start.',
  }),
  sqlDeadlineMs: setting('sql-ms', types.milliseconds(10), 5_000, {
    help: 'Time limit for a statement of postgres.readonly.',
  }),
  sqlRows: setting('sql-rows', types.count(1, 100_000), 1_000, {
    help: 'Maximum number of rows that postgres.readonly returns.',
  }),
};
