/** The registry, replicas and sessions, and how much a process serves. */
import { BOUNDS } from '../../../wire/server/create-server.js';
import { optional, setting } from '../setting.js';
import * as types from '../types.js';

/** The registry of MCP servers, and how servers follow it. */
export const registry = {
  registryPort: setting('registry-port', types.PORT, 3002, { help: 'Port of the registry.' }),
  registryUrl: optional('registry-url', types.PUBLIC_URL, {
    help: 'Public URL of the registry: an origin without a path. A server that starts alone follows a registry only when this is set.',
  }),
  registryRequired: setting('registry-required', types.SWITCH, 'false', {
    help: 'Refuse all calls while the registry does not answer or does not know the server. By default its last answer stays in force.',
  }),
  registryDir: optional('registry-dir', types.FOLDER, {
    defaultText: '~/.local/state/barewire/registry',
    help: 'Folder in which the registry keeps its data when there is no DATABASE_URL.',
  }),
  registryServers: optional('registry-servers', types.FILE, {
    help: 'JSON {"servers": ["https://…"]}: servers to add. The file is read again when it changes.',
  }),
  registryNetworks: setting('registry-allow-network', types.list('CIDR,…'), '', {
    help: 'Internal networks, such as 10.2.0.0/16, in which the registry may contact servers, even over http. Loopback is allowed when the registry itself is on loopback.',
  }),
  registryIntervalMs: setting('registry-interval-ms', types.milliseconds(100), 60_000, {
    help: 'Time between two checks of a server that answers.',
  }),
  registryConcurrency: setting('registry-concurrency', types.count(1, 1_000), 32, {
    help: 'Servers that are checked at the same time.',
  }),
  registryCheckMs: setting('registry-check-ms', types.milliseconds(50, 600_000), 10_000, {
    help: 'Time limit for the check of one server.',
  }),
  registryClient: optional('registry-client', types.CREDENTIALS, {
    neededBy: ['registry'],
    help: 'Client with which the registry gets tokens from the first issuer (client credentials), to ask servers for their tools.',
  }),
  registryPagesClient: optional('registry-pages-client', types.CLIENT, {
    neededBy: ['registry'],
    help: "Client of the registry's pages at the first issuer, registered with the redirect URI <origin>/callback.",
  }),
  registryKeys: setting('registry-keys', types.KEYS, '', {
    neededBy: ['registry'],
    defaultText: 'each process generates its own',
    help: "Secrets of 32 bytes in base64url for sign-ins on the registry's pages; replicas of the registry share them. The first seals, all open.",
  }),
};

/** What several processes that act as one server must agree on. */
export const replicas = {
  replica: optional('replica', types.text('NAME'), {
    defaultText: 'the first free one of HOST, HOST-2, …',
    help: 'Name of this process, which keeps its audit files apart from those of its replicas.',
  }),
  stateKeys: setting('state-keys', types.KEYS, '', {
    neededBy: ['readonly', 'destructive'],
    defaultText: 'each process generates its own',
    help: 'Secrets of 32 bytes in base64url for requestState; the replicas of an MCP server share them. The first seals, all open.',
  }),
};

/** Sessions of legacy clients. */
export const sessions = {
  sessions: setting('sessions', types.count(0, 1_000_000), 0, {
    help: 'Legacy sessions that a process keeps at the same time, shared with its replicas (--database-url or --state-url). 0 keeps none.',
  }),
  sessionsPerPrincipal: optional('sessions-per-principal', types.count(1, 1_000_000), {
    defaultText: 'a tenth of --sessions, and at least 10',
    help: 'Sessions that one principal (issuer, tenant, user and client) may have open at each process.',
  }),
  sessionIdleMs: setting('session-idle-ms', types.milliseconds(1_000), 30 * 60_000, {
    help: 'Silence after which a session ends.',
  }),
  retryMs: setting('retry-ms', types.milliseconds(0), BOUNDS.retryMs, {
    help: 'How long a client in a session waits before it resumes a lost stream.',
  }),
};

/** Which hosts and origins are served, how long connections last, and which of them may be unencrypted. */
export const http = {
  allowHosts: setting('allow-host', types.list('NAME,…'), '', {
    help: 'Host names to serve besides the loopback ones.',
  }),
  allowOrigins: setting('allow-origin', types.list('ORIGIN,…'), '', {
    help: 'Browser origins to serve besides pages on loopback.',
  }),
  allowPlaintext: setting('allow-plaintext', types.list('HOST,…'), '', {
    help: 'Hosts to which connections may be unencrypted (database, Valkey server, policy engine, Slack webhook), for a network that encrypts traffic itself. Loopback is always allowed.',
  }),
  requestMs: setting('request-ms', types.milliseconds(100), BOUNDS.requestMs, {
    help: 'Time a client has to send a request.',
  }),
  keepAliveMs: setting('keep-alive-ms', types.milliseconds(10), BOUNDS.keepAliveMs, {
    help: 'Silence on a stream after which the server sends a comment.',
  }),
  drainMs: setting('drain-ms', types.milliseconds(0), BOUNDS.drainMs, {
    help: 'Time that running calls have to finish when the server stops.',
  }),
  lingerMs: setting('linger-ms', types.milliseconds(0), 3_000, {
    help: 'After SIGTERM, how long an unused connection stays open for a proxy that may be about to send. The proxy must close unused connections sooner.',
  }),
};

/** How large messages may be, and how much a process serves at the same time. */
export const limits = {
  bodyBytes: setting('body-bytes', types.count(1, 2 ** 30), BOUNDS.bodyBytes, {
    help: 'Maximum size of a request body, in bytes.',
  }),
  headerBytes: setting('header-bytes', types.count(1024, 2 ** 20), BOUNDS.headerBytes, {
    help: 'Maximum size of the request line and headers, in bytes.',
  }),
  jsonDepth: setting('json-depth', types.count(8, 1_000), BOUNDS.jsonDepth, {
    help: 'Maximum nesting of a message.',
  }),
  jsonMembers: setting('json-members', types.count(100, 1_000_000), BOUNDS.jsonMembers, {
    help: 'Maximum number of object members and array items in a message, all together.',
  }),
  batchMessages: setting('batch-messages', types.count(1, 1_000), BOUNDS.batchMessages, {
    help: 'Maximum number of messages in a batch (revision 2025-03-26).',
  }),
  inFlightCalls: setting('in-flight-calls', types.count(1, 1_000_000), BOUNDS.inFlightCalls, {
    defaultText: 'depends on the heap, at most 10000',
    help: 'Calls that a process answers at the same time.',
  }),
  inFlightCallsPerPrincipal: setting(
    'in-flight-calls-per-principal',
    types.count(1, 1_000_000),
    BOUNDS.inFlightCallsPerPrincipal,
    {
      defaultText: 'a quarter of the default above',
      help: 'Calls of one principal that a process answers at the same time.',
    },
  ),
  inFlightBytes: setting('in-flight-bytes', types.count(65_536, 2 ** 40), BOUNDS.inFlightBytes, {
    defaultText: 'an eighth of the heap',
    help: 'Bytes of requests and answers that a process holds in memory at the same time, until clients have read the answers.',
  }),
  inFlightBytesPerPrincipal: setting(
    'in-flight-bytes-per-principal',
    types.count(65_536, 2 ** 40),
    BOUNDS.inFlightBytesPerPrincipal,
    {
      defaultText: 'a sixteenth of the heap',
      help: 'The same bytes, for one principal.',
    },
  ),
  openStreams: setting('open-streams', types.count(1, 1_000_000), BOUNDS.openStreams, {
    help: 'Clients that may listen at the same time.',
  }),
  streamsPerPrincipal: optional('streams-per-principal', types.count(1, 1_000_000), {
    defaultText: 'a tenth of --open-streams, and at least 10',
    help: 'Streams that one principal may have open at each process.',
  }),
};
