/**
 * Every setting, once: its flag, its environment variable, its default and what it is for. `--help` is printed from
 * this table and arguments.ts reads by it, so neither can forget one. Over 200 lines because it is one table.
 */

import { APPROVAL_TTL_MS } from '../../governance/approval/approval.js';
import type { CallsPerMinute } from '../../governance/policy/limits.js';
import { CLIENT_CLAIMS } from '../../oauth/claims.js';
import { BOUNDS } from '../../wire/server/bounds.js';
import {
  atLeast,
  byTool,
  callsPerMinute,
  client,
  credentials,
  holdsClientSecret,
  holdsPassword,
  httpUrl,
  implications,
  issuers,
  list,
  oneOf,
  operatorSecret,
  publicUrl,
  sealingKeys,
  slo,
  text,
  whole,
  yesOrNo,
} from './setting-values.js';

const SERVICES = ['readonly', 'destructive', 'registry', 'authserver'] as const;
export type Service = (typeof SERVICES)[number];

export type SettingRow = {
  flag: string;
  env: string;
  /** What stands behind the flag in `--help`; a flag without one is a switch. */
  value?: string;
  read: (text: string) => unknown;
  help: string;
  /**
   * Comes from a variable or a file, never from a flag, and no message repeats it. A function says which texts are secret; other
   * texts may come from a flag.
   */
  secret?: true | ((text: string) => boolean);
  /** The services that need this secret; absent when all of them do. */
  services?: readonly Service[];
};

/** The flag and the variable that name a file with a secret. */
export function fileNames({ flag, env }: SettingRow): { flag: string; env: string } {
  return { flag: `${flag}-file`, env: `${env}_FILE` };
}

const DAY = 86_400_000;

export const SETTINGS = {
  only: {
    flag: 'only',
    env: 'BAREWIRE_ONLY',
    value: SERVICES.join('|'),
    read: oneOf(...SERVICES),
    help: 'start one service instead of all',
  },
  stdio: {
    flag: 'stdio',
    env: 'BAREWIRE_STDIO',
    read: yesOrNo,
    help: 'speak on stdin and stdout instead of HTTP (readonly unless --only says)',
  },
  trace: {
    flag: 'trace',
    env: 'BAREWIRE_TRACE',
    read: yesOrNo,
    help: 'write every HTTP exchange of the MCP endpoints to stderr, explained, and, unless a public URL is configured, show it on /trace under the secret that is printed; tokens and secrets are masked, other data may be shown',
  },
  operatorSecret: {
    flag: 'operator-secret',
    env: 'BAREWIRE_OPERATOR_SECRET',
    value: 'SECRET',
    read: operatorSecret,
    secret: true,
    help: 'the secret that opens /metrics and /trace; by default one is generated and printed. With a public URL neither is served',
  },
  metricsPort: {
    flag: 'metrics-port',
    env: 'BAREWIRE_METRICS_PORT',
    value: 'PORT',
    read: whole(1, 65_535),
    help: 'serve /metrics/readonly, /metrics/destructive and /metrics/registry on this port of 127.0.0.1, for Prometheus, also with a public URL',
  },
  host: {
    flag: 'host',
    env: 'BAREWIRE_HOST',
    value: 'ADDRESS',
    read: text,
    help: 'address to listen on; one that is not loopback needs --readonly-url, --destructive-url, --registry-url and --issuer',
  },
  readonlyPort: {
    flag: 'readonly-port',
    env: 'BAREWIRE_READONLY_PORT',
    value: 'PORT',
    read: whole(0, 65_535),
    help: 'port of the readonly server; 0 takes a free one',
  },
  destructivePort: {
    flag: 'destructive-port',
    env: 'BAREWIRE_DESTRUCTIVE_PORT',
    value: 'PORT',
    read: whole(0, 65_535),
    help: 'port of the destructive server',
  },
  registryPort: {
    flag: 'registry-port',
    env: 'BAREWIRE_REGISTRY_PORT',
    value: 'PORT',
    read: whole(0, 65_535),
    help: 'port of the registry',
  },
  authserverPort: {
    flag: 'authserver-port',
    env: 'BAREWIRE_AUTHSERVER_PORT',
    value: 'PORT',
    read: whole(0, 65_535),
    help: 'port of the development authorization server',
  },
  authserverPassword: {
    flag: 'authserver-password',
    env: 'BAREWIRE_AUTHSERVER_PASSWORD',
    value: 'TEXT',
    read: atLeast(12),
    secret: true,
    services: ['authserver'],
    help: 'password of its people, at least 12 characters; without it they have one that everybody knows',
  },
  readonlyUrl: {
    flag: 'readonly-url',
    env: 'BAREWIRE_READONLY_URL',
    value: 'URL',
    read: publicUrl,
    help: 'by which clients know the readonly endpoint, and the audience of its tokens; where it listens unless given',
  },
  destructiveUrl: {
    flag: 'destructive-url',
    env: 'BAREWIRE_DESTRUCTIVE_URL',
    value: 'URL',
    read: publicUrl,
    help: 'the same of the destructive endpoint',
  },
  registryUrl: {
    flag: 'registry-url',
    env: 'BAREWIRE_REGISTRY_URL',
    value: 'URL',
    read: publicUrl,
    help: 'the public URL of the registry, an origin without a path; a server that starts alone follows a registry only when this is set',
  },
  registryRequired: {
    flag: 'registry-required',
    env: 'BAREWIRE_REGISTRY_REQUIRED',
    read: yesOrNo,
    help: 'refuse all calls while the registry does not answer or does not know the server; by default the last answer stays in force',
  },
  registryDir: {
    flag: 'registry-dir',
    env: 'BAREWIRE_REGISTRY_DIR',
    value: 'DIR',
    read: text,
    help: 'where the registry is kept without DATABASE_URL; ~/.local/state/barewire/registry unless given',
  },
  registryServers: {
    flag: 'registry-servers',
    env: 'BAREWIRE_REGISTRY_SERVERS',
    value: 'FILE',
    read: text,
    help: 'JSON {"servers": ["https://…"]} to be added, read again when it changes',
  },
  registryNetworks: {
    flag: 'registry-allow-network',
    env: 'BAREWIRE_REGISTRY_ALLOW_NETWORK',
    value: 'CIDR,…',
    read: list,
    help: 'networks inside, such as 10.2.0.0/16, that the registry may ask, also over http; loopback is when it listens there',
  },
  registryIntervalMs: {
    flag: 'registry-interval-ms',
    env: 'BAREWIRE_REGISTRY_INTERVAL_MS',
    value: 'MS',
    read: whole(100, DAY),
    help: 'time between two checks of a server that answers',
  },
  registryConcurrency: {
    flag: 'registry-concurrency',
    env: 'BAREWIRE_REGISTRY_CONCURRENCY',
    value: 'N',
    read: whole(1, 1_000),
    help: 'servers that are checked at the same time',
  },
  registryCheckMs: {
    flag: 'registry-check-ms',
    env: 'BAREWIRE_REGISTRY_CHECK_MS',
    value: 'MS',
    read: whole(50, 600_000),
    help: 'time that the check of one server has',
  },
  registryClient: {
    flag: 'registry-client',
    env: 'BAREWIRE_REGISTRY_CLIENT',
    value: 'ID:SECRET',
    read: credentials,
    secret: true,
    services: ['registry'],
    help: 'as what the registry gets tokens of its own from the first issuer (client credentials), to ask servers for their tools',
  },
  registryPagesClient: {
    flag: 'registry-pages-client',
    env: 'BAREWIRE_REGISTRY_PAGES_CLIENT',
    value: 'ID[:SECRET]',
    read: client,
    secret: holdsClientSecret,
    services: ['registry'],
    help: 'as what its pages are registered at the first issuer, with the redirect URI <origin>/callback',
  },
  issuers: {
    flag: 'issuer',
    env: 'BAREWIRE_ISSUER',
    value: 'URL,…',
    read: issuers,
    help: 'whose tokens are accepted, found by their metadata; the development authorization server unless given',
  },
  issuerRules: {
    flag: 'issuer-rules',
    env: 'BAREWIRE_ISSUER_RULES',
    value: 'FILE',
    read: text,
    help: 'JSON {"ISSUER": {"tenants": [], "scopes": [], "tenant": ""}}, each member optional: the tenants that tokens of this issuer may name, the scopes that they may grant, and the tenant of a token that names none; with several issuers a token that names none is refused unless "tenant" is set',
  },
  introspection: {
    flag: 'introspection-client',
    env: 'BAREWIRE_INTROSPECTION_CLIENT',
    value: 'ID:SECRET',
    read: credentials,
    secret: true,
    help: 'the client with which the first issuer is asked about opaque tokens; without it they are refused',
  },
  workloads: {
    flag: 'workloads',
    env: 'BAREWIRE_WORKLOADS',
    value: 'FILE',
    read: text,
    help: 'JSON {"trustDomain", "bundle", "scopes": {"spiffe://…": ["scope"]}, "tenant"}: SPIFFE workloads that may call, and their tenant, which is required when --issuer is set as well',
  },
  scopeImplies: {
    flag: 'scope-implies',
    env: 'BAREWIRE_SCOPE_IMPLIES',
    value: 'A=B+C,…',
    read: implications,
    help: 'scopes that include others (default jira:write=jira:read,incidents:write=incidents:read)',
  },
  tokenAlgorithms: {
    flag: 'token-algorithms',
    env: 'BAREWIRE_TOKEN_ALGORITHMS',
    value: 'ALG,…',
    read: list,
    help: 'signatures that are accepted; only asymmetric ones can be',
  },
  tokenTypes: {
    flag: 'token-types',
    env: 'BAREWIRE_TOKEN_TYPES',
    value: 'TYP,…',
    read: list,
    help: 'what "typ" an access token has; "JWT" as well for issuers that do not keep RFC 9068',
  },
  clientClaims: {
    flag: 'client-claims',
    env: 'BAREWIRE_CLIENT_CLAIMS',
    value: 'CLAIM,…',
    read: list,
    help: 'which claims of a token may name its client, the first that is there; "appid" for issuers that call it that',
  },
  clockToleranceS: {
    flag: 'clock-tolerance-s',
    env: 'BAREWIRE_CLOCK_TOLERANCE_S',
    value: 'S',
    read: whole(0, 300),
    help: "seconds by which an issuer's clock may differ",
  },
  tokenCacheEntries: {
    flag: 'token-cache',
    env: 'BAREWIRE_TOKEN_CACHE',
    value: 'N',
    read: whole(0, 1_000_000),
    help: 'verified tokens that are remembered',
  },
  tokenCacheMs: {
    flag: 'token-cache-ms',
    env: 'BAREWIRE_TOKEN_CACHE_MS',
    value: 'MS',
    read: whole(0, 60_000),
    help: 'how long, at most a minute',
  },
  keysMaxAgeMs: {
    flag: 'keys-max-age-ms',
    env: 'BAREWIRE_KEYS_MAX_AGE_MS',
    value: 'MS',
    read: whole(0, DAY),
    help: "how long an issuer's keys are believed without asking again",
  },
  keysCooldownMs: {
    flag: 'keys-cooldown-ms',
    env: 'BAREWIRE_KEYS_COOLDOWN_MS',
    value: 'MS',
    read: whole(0, DAY),
    help: 'least time between two fetches of keys that tokens with an unknown key cause',
  },
  stdioToken: {
    flag: 'stdio-token',
    env: 'BAREWIRE_STDIO_TOKEN',
    value: 'TOKEN',
    read: text,
    secret: true,
    help: 'the access token of whoever speaks on stdio; without one, all tools may be called that need no approval',
  },
  stateHome: {
    flag: 'state-home',
    env: 'XDG_STATE_HOME',
    value: 'DIR',
    read: text,
    help: 'where the development authorization server keeps its keys; ~/.local/state unless given',
  },
  allowHosts: {
    flag: 'allow-host',
    env: 'BAREWIRE_ALLOW_HOST',
    value: 'NAME,…',
    read: list,
    help: 'Host names to serve besides the loopback ones',
  },
  allowOrigins: {
    flag: 'allow-origin',
    env: 'BAREWIRE_ALLOW_ORIGIN',
    value: 'ORIGIN,…',
    read: list,
    help: 'browser origins to serve besides loopback pages',
  },
  allowPlaintext: {
    flag: 'allow-plaintext',
    env: 'BAREWIRE_ALLOW_PLAINTEXT',
    value: 'HOST,…',
    read: list,
    help: 'hosts to which connections may be unencrypted (database, policy engine, Slack webhook), for a network that encrypts by itself; loopback is always allowed',
  },
  databaseUrl: {
    flag: 'database-url',
    env: 'DATABASE_URL',
    value: 'URL',
    read: text,
    secret: holdsPassword,
    help: 'a PostgreSQL server instead of the embedded one',
  },
  databaseReaderUrl: {
    flag: 'database-reader-url',
    env: 'DATABASE_READER_URL',
    value: 'URL',
    read: text,
    secret: holdsPassword,
    help: 'the login that may only read; made by the set-up unless given',
  },
  databaseConnections: {
    flag: 'database-connections',
    env: 'BAREWIRE_DATABASE_CONNECTIONS',
    value: 'N',
    read: whole(1, 1_000),
    help: "connections to a PostgreSQL server that one tenant may use for postgres.readonly, and as many for the other tools'; there is one more for other tenants",
  },
  cacheHome: {
    flag: 'cache-home',
    env: 'XDG_CACHE_HOME',
    value: 'DIR',
    read: text,
    help: 'where the embedded database is kept prepared; ~/.cache unless given',
  },
  bucketRoot: {
    flag: 'bucket-root',
    env: 'BAREWIRE_BUCKET_ROOT',
    value: 'DIR',
    read: text,
    help: 'folder whose subfolders s3.list serves as buckets; demo data unless given',
  },
  tools: {
    flag: 'tools',
    env: 'BAREWIRE_TOOLS',
    value: 'FILE,…',
    read: list,
    help: 'modules whose exported tools are served too',
  },
  switches: {
    flag: 'switches',
    env: 'BAREWIRE_SWITCHES',
    value: 'FILE',
    read: text,
    help: 'JSON {"disabled": ["tool"]}, read again when it changes',
  },
  policy: {
    flag: 'policy',
    env: 'BAREWIRE_POLICY',
    value: 'embedded|opa',
    read: oneOf('embedded', 'opa'),
    help: 'who decides over calls: the rules of this program, or an Open Policy Agent',
  },
  opaUrl: {
    flag: 'opa-url',
    env: 'BAREWIRE_OPA_URL',
    value: 'URL',
    read: httpUrl,
    help: 'of the agent; with a path of its own it is taken as it is, else /v1/data/barewire/decision is added',
  },
  opaMs: {
    flag: 'opa-ms',
    env: 'BAREWIRE_OPA_MS',
    value: 'MS',
    read: whole(1, 60_000),
    help: 'time the agent has; a call that it has not decided by then is refused',
  },
  policyDryRun: {
    flag: 'policy-dry-run',
    env: 'BAREWIRE_POLICY_DRY_RUN',
    read: yesOrNo,
    help: 'decide and write down, and let every call pass; tokens are checked all the same',
  },
  quota: {
    flag: 'quota',
    env: 'BAREWIRE_QUOTA',
    value: 'N,TOOL=N,…',
    read: callsPerMinute,
    help: 'calls a minute for each tenant and tool, and other numbers for single tools; 0 is no limit (default 6000)',
  },
  payloadCaps: {
    flag: 'payload-cap',
    env: 'BAREWIRE_PAYLOAD_CAP',
    value: 'TOOL=N,…',
    read: byTool,
    help: 'characters that the arguments of a tool may have, below the 8192 that hold for all',
  },
  approval: {
    flag: 'approval',
    env: 'BAREWIRE_APPROVAL',
    value: 'either|token|call|four-eyes',
    read: oneOf('either', 'token', 'call', 'four-eyes'),
    help: "what lets a destructive call through: token is a person's approval in the token, call is an approval of exactly this call, either is one of the two; four-eyes is call, approved by somebody other than the person who asked (see --persons)",
  },
  approvalMs: {
    flag: 'approval-ms',
    env: 'BAREWIRE_APPROVAL_MS',
    value: 'MS',
    read: whole(100, 900_000),
    help: 'how long a call waits for its approval, and how long the approval holds',
  },
  persons: {
    flag: 'persons',
    env: 'BAREWIRE_PERSONS',
    value: 'FILE',
    read: text,
    help: 'JSON {"persons": {"NAME": [{"issuer", "user"}, …]}}: accounts, including those of programs, that four-eyes counts as one person; by default each user of each issuer is a separate person',
  },
  slackWebhookUrl: {
    flag: 'slack-webhook-url',
    env: 'SLACK_WEBHOOK_URL',
    value: 'URL',
    read: httpUrl,
    secret: true,
    services: ['destructive'],
    help: 'where a card is posted for each waiting call: those of the one tenant in --slack-approvers, or of the tenants that --slack-routes sends here; needs the two settings below',
  },
  slackSigningSecret: {
    flag: 'slack-signing-secret',
    env: 'SLACK_SIGNING_SECRET',
    value: 'SECRET',
    read: text,
    secret: true,
    services: ['destructive'],
    help: 'by which requests to /slack/interactions on the destructive server are known to be from Slack',
  },
  slackApprovers: {
    flag: 'slack-approvers',
    env: 'SLACK_APPROVERS',
    value: 'FILE',
    read: text,
    help: 'JSON {"SLACK_USER_ID": {"issuer", "user", "tenant", "team"?}}: which Slack users may decide, and as which account; the issuer must match one of --issuer exactly',
  },
  slackRoutes: {
    flag: 'slack-routes',
    env: 'SLACK_ROUTES',
    value: 'FILE',
    read: text,
    help: 'JSON {"routes": [{"issuer", "tenant", "webhookFile"}]}: a channel for each tenant, with its webhook URL in a file (default SLACK_WEBHOOK_URL); "*" stands for every tenant that has no route, and those tenants see each other\'s calls',
  },
  approvalsClient: {
    flag: 'approvals-client',
    env: 'BAREWIRE_APPROVALS_CLIENT',
    value: 'ID[:SECRET]',
    read: client,
    secret: holdsClientSecret,
    services: ['destructive'],
    help: 'as what the approval pages are registered at the first issuer, with the redirect URI <origin>/approvals/callback',
  },
  auditDir: {
    flag: 'audit-dir',
    env: 'BAREWIRE_AUDIT_DIR',
    value: 'DIR',
    read: text,
    help: 'folder of the audit logs, one in it for each server; ~/.local/state/barewire/audit unless given',
  },
  auditRequired: {
    flag: 'audit-required',
    env: 'BAREWIRE_AUDIT_REQUIRED',
    read: yesOrNo,
    help: 'refuse reads, too, while the audit log cannot be written; what changes something is always refused then',
  },
  auditAnonymous: {
    flag: 'audit-anonymous',
    env: 'BAREWIRE_AUDIT_ANONYMOUS',
    value: 'N',
    read: whole(1, 1_000_000),
    help: 'refused callers without a valid token that get a full audit record, for each reason and minute; the others are only counted',
  },
  replica: {
    flag: 'replica',
    env: 'BAREWIRE_REPLICA',
    value: 'NAME',
    read: text,
    help: "names this process's audit files among those of its replicas; the first free of HOST, HOST-2, … unless given",
  },
  owner: {
    flag: 'owner',
    env: 'BAREWIRE_OWNER',
    value: 'TEXT',
    read: text,
    help: 'who answers for the servers, and how to reach them: for their manifests',
  },
  slo: {
    flag: 'slo',
    env: 'BAREWIRE_SLO',
    value: 'PERCENT,MS',
    read: slo,
    help: 'what the owner promises over 30 days: requests answered, of a hundred, and within which time 99 of them are (default 99,1000)',
  },
  sessions: {
    flag: 'sessions',
    env: 'BAREWIRE_SESSIONS',
    value: 'N',
    read: whole(0, 1_000_000),
    help: 'legacy sessions that a process keeps at the same time, shared with its replicas by DATABASE_URL; 0 for none',
  },
  sessionsPerPrincipal: {
    flag: 'sessions-per-principal',
    env: 'BAREWIRE_SESSIONS_PER_PRINCIPAL',
    value: 'N',
    read: whole(1, 1_000_000),
    help: 'those of them that one caller (issuer, tenant, user and client) may have open at each process; a tenth, and at least 10, unless given',
  },
  sessionIdleMs: {
    flag: 'session-idle-ms',
    env: 'BAREWIRE_SESSION_IDLE_MS',
    value: 'MS',
    read: whole(1_000, DAY),
    help: 'silence after which a session ends',
  },
  stateKeys: {
    flag: 'state-keys',
    env: 'BAREWIRE_STATE_KEYS',
    value: 'KEY,…',
    read: sealingKeys,
    secret: true,
    services: ['readonly', 'destructive'],
    help: 'secrets of 32 bytes in base64url, shared by the replicas of an MCP server: the first seals requestState, all open it; by default each process generates its own',
  },
  approvalKeys: {
    flag: 'approval-keys',
    env: 'BAREWIRE_APPROVAL_KEYS',
    value: 'KEY,…',
    read: sealingKeys,
    secret: true,
    services: ['destructive'],
    help: 'the same for the approval pages and approval records, for replicas of the destructive server only: anybody who has one can act as any approver',
  },
  registryKeys: {
    flag: 'registry-keys',
    env: 'BAREWIRE_REGISTRY_KEYS',
    value: 'KEY,…',
    read: sealingKeys,
    secret: true,
    services: ['registry'],
    help: "the same for sign-ins on the registry's pages, for replicas of the registry only",
  },
  openStreams: {
    flag: 'open-streams',
    env: 'BAREWIRE_OPEN_STREAMS',
    value: 'N',
    read: whole(1, 1_000_000),
    help: 'clients that may listen at the same time',
  },
  inFlightCalls: {
    flag: 'in-flight-calls',
    env: 'BAREWIRE_IN_FLIGHT_CALLS',
    value: 'N',
    read: whole(1, 1_000_000),
    help: 'calls that may be answered at the same time; the default depends on the heap',
  },
  inFlightCallsPerPrincipal: {
    flag: 'in-flight-calls-per-principal',
    env: 'BAREWIRE_IN_FLIGHT_CALLS_PER_PRINCIPAL',
    value: 'N',
    read: whole(1, 1_000_000),
    help: 'the same for one principal',
  },
  inFlightBytes: {
    flag: 'in-flight-bytes',
    env: 'BAREWIRE_IN_FLIGHT_BYTES',
    value: 'N',
    read: whole(65_536, 2 ** 40),
    help: 'bytes of requests and answers that may be in memory at the same time, until clients have taken them; an eighth of the heap unless given',
  },
  inFlightBytesPerPrincipal: {
    flag: 'in-flight-bytes-per-principal',
    env: 'BAREWIRE_IN_FLIGHT_BYTES_PER_PRINCIPAL',
    value: 'N',
    read: whole(65_536, 2 ** 40),
    help: 'the same for one principal',
  },
  streamsPerPrincipal: {
    flag: 'streams-per-principal',
    env: 'BAREWIRE_STREAMS_PER_PRINCIPAL',
    value: 'N',
    read: whole(1, 1_000_000),
    help: 'those of them that one caller may have open at each process; a tenth, and at least 10, unless given',
  },
  tasksPerPrincipal: {
    flag: 'tasks-per-principal',
    env: 'BAREWIRE_TASKS_PER_PRINCIPAL',
    value: 'N',
    read: whole(1, 10_000),
    help: 'tasks of one caller, of the 10000 that each process keeps; 1000 unless given',
  },
  waitingCallsPerPrincipal: {
    flag: 'waiting-calls-per-principal',
    env: 'BAREWIRE_WAITING_CALLS_PER_PRINCIPAL',
    value: 'N',
    read: whole(1, 10_000),
    help: 'calls of one user, through all of their clients and with tasks, that may wait for a person at the same time in each process; all users together may have 10000',
  },
  retryMs: {
    flag: 'retry-ms',
    env: 'BAREWIRE_RETRY_MS',
    value: 'MS',
    read: whole(0, DAY),
    help: 'when a client in a session may come back to a stream it lost',
  },
  bodyBytes: {
    flag: 'body-bytes',
    env: 'BAREWIRE_BODY_BYTES',
    value: 'N',
    read: whole(1, 2 ** 30),
    help: 'bytes of one request body',
  },
  headerBytes: {
    flag: 'header-bytes',
    env: 'BAREWIRE_HEADER_BYTES',
    value: 'N',
    read: whole(1024, 2 ** 20),
    help: 'bytes of the request line and headers',
  },
  jsonDepth: {
    flag: 'json-depth',
    env: 'BAREWIRE_JSON_DEPTH',
    value: 'N',
    read: whole(8, 1_000),
    help: 'levels of nesting in a message',
  },
  jsonMembers: {
    flag: 'json-members',
    env: 'BAREWIRE_JSON_MEMBERS',
    value: 'N',
    read: whole(100, 1_000_000),
    help: 'members of objects and items of arrays in a message, all together',
  },
  batchMessages: {
    flag: 'batch-messages',
    env: 'BAREWIRE_BATCH_MESSAGES',
    value: 'N',
    read: whole(1, 1_000),
    help: 'messages in a batch (revision 2025-03-26)',
  },
  requestMs: {
    flag: 'request-ms',
    env: 'BAREWIRE_REQUEST_MS',
    value: 'MS',
    read: whole(100, DAY),
    help: 'time a client has to send a request',
  },
  strictArguments: {
    flag: 'strict-arguments',
    env: 'BAREWIRE_STRICT_ARGUMENTS',
    read: yesOrNo,
    help: 'refuse null for an optional argument whose schema forbids it, and null in place of all arguments, instead of reading both as left out',
  },
  toolDeadlineMs: {
    flag: 'tool-ms',
    env: 'BAREWIRE_TOOL_MS',
    value: 'MS',
    read: whole(10, DAY),
    help: 'time a tool has',
  },
  sqlDeadlineMs: {
    flag: 'sql-ms',
    env: 'BAREWIRE_SQL_MS',
    value: 'MS',
    read: whole(10, DAY),
    help: 'time a statement of postgres.readonly has',
  },
  sqlRows: {
    flag: 'sql-rows',
    env: 'BAREWIRE_SQL_ROWS',
    value: 'N',
    read: whole(1, 100_000),
    help: 'rows that postgres.readonly returns at most',
  },
  keepAliveMs: {
    flag: 'keep-alive-ms',
    env: 'BAREWIRE_KEEP_ALIVE_MS',
    value: 'MS',
    read: whole(10, DAY),
    help: 'silence on a stream before a comment is sent',
  },
  drainMs: {
    flag: 'drain-ms',
    env: 'BAREWIRE_DRAIN_MS',
    value: 'MS',
    read: whole(0, DAY),
    help: 'time that running calls have when the server is told to stop',
  },
  lingerMs: {
    flag: 'linger-ms',
    env: 'BAREWIRE_LINGER_MS',
    value: 'MS',
    read: whole(0, DAY),
    help: 'time that SIGTERM leaves to unused connections, for a proxy that may be about to send; it has to end them earlier',
  },
  pageSize: {
    flag: 'page-size',
    env: 'BAREWIRE_PAGE_SIZE',
    value: 'N',
    read: whole(1, 10_000),
    help: 'items on one page of a list',
  },
  listTtlMs: {
    flag: 'list-ttl-ms',
    env: 'BAREWIRE_LIST_TTL_MS',
    value: 'MS',
    read: whole(0, DAY),
    help: 'how long a client may keep a list',
  },
} as const satisfies Record<string, SettingRow>;

type Settings = typeof SETTINGS;
export type Setting = keyof Settings;
type Given = { [Name in Setting]: ReturnType<Settings[Name]['read']> };

type Implications = { [scope: string]: readonly string[] };

const DEFAULTS = {
  stdio: false,
  trace: false,
  host: '127.0.0.1',
  readonlyPort: 3000,
  destructivePort: 3001,
  registryPort: 3002,
  authserverPort: 3003,
  registryRequired: false,
  registryNetworks: [] as string[],
  registryIntervalMs: 60_000,
  registryConcurrency: 32,
  registryCheckMs: 10_000,
  scopeImplies: { 'jira:write': ['jira:read'], 'incidents:write': ['incidents:read'] } as Implications,
  tokenAlgorithms: ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'],
  tokenTypes: ['at+jwt'],
  clientClaims: [...CLIENT_CLAIMS],
  clockToleranceS: 5,
  tokenCacheEntries: 10_000,
  tokenCacheMs: 60_000,
  keysMaxAgeMs: 600_000,
  keysCooldownMs: 2_000,
  allowHosts: [] as string[],
  allowOrigins: [] as string[],
  allowPlaintext: [] as string[],
  databaseConnections: 4,
  lingerMs: 3_000,
  tools: [] as string[],
  policy: 'embedded' as 'embedded' | 'opa',
  opaMs: 250,
  policyDryRun: false,
  // Every server limits how often its tools are called (2026-07-28/tools/038): more than a person or a model will.
  quota: { all: 6_000 } as CallsPerMinute,
  payloadCaps: {} as { [tool: string]: number },
  auditRequired: false,
  auditAnonymous: 60,
  approvalMs: APPROVAL_TTL_MS,
  waitingCallsPerPrincipal: 100,
  approval: 'either' as 'either' | 'token' | 'call' | 'four-eyes',
  owner: 'whoever runs this demo; --owner names a team',
  slo: { availabilityPercent: 99, p99Ms: 1_000 },
  strictArguments: false,
  sessions: 0,
  sessionIdleMs: 30 * 60_000,
  stateKeys: [] as string[],
  approvalKeys: [] as string[],
  registryKeys: [] as string[],
  ...BOUNDS,
  sqlDeadlineMs: 5_000,
  sqlRows: 1_000,
};

export type Config = Omit<Partial<Given>, keyof typeof DEFAULTS> & typeof DEFAULTS;

export function configure(given: Partial<Config>): Config {
  return { ...DEFAULTS, ...given };
}

/** The table as `--help` prints it, a line or two each setting. */
export function settingsHelp(): string {
  return Object.entries(SETTINGS)
    .map(([name, row]: [string, SettingRow]) => {
      const standard = DEFAULTS[name as keyof typeof DEFAULTS];
      const shown = ['string', 'number'].includes(typeof standard) ? ` (default ${standard})` : '';
      return [...waysToGive(row), `      ${row.help}${shown}`].join('\n');
    })
    .join('\n');
}

function waysToGive(row: SettingRow): string[] {
  const { flag, env, value, secret } = row;
  const line = (ways: string, variable: string): string => `  ${ways.padEnd(34)} ${variable}`;
  const plain = line(value === undefined ? `--${flag}` : `--${flag} ${value}`, env);
  if (secret === undefined) return [plain];
  const file = fileNames(row);
  const fromFile = line(`--${file.flag} FILE`, file.env);
  return secret === true ? [line(`(${value})`, env), fromFile] : [plain, fromFile];
}
