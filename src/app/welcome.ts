/** What a learner reads after `npm start`: where the services are, how to get a token, and three lines to paste. */
import { MODERN } from '../wire/revisions.js';

export type Addresses = { readonly?: string; destructive?: string; registry?: string; authserver?: string };

/** `secret` is what opens the metrics and, where exchanges are `traced`, the trace: undefined where they are not shown. */
type Operator = { secret?: string | undefined; traced?: boolean | undefined };

/** `issuers` are whose tokens are accepted. */
export function welcome(
  addresses: Addresses,
  issuers: readonly string[],
  { secret, traced = false }: Operator = {},
): string {
  const lines = ['barewire is ready.', ''];
  for (const name of ['readonly', 'destructive', 'registry', 'authserver'] as const) {
    if (addresses[name] !== undefined) lines.push(`  ${name.padEnd(12)} ${addresses[name]}`);
  }
  const { readonly, destructive, authserver } = addresses;
  // Calls that change something wait there for a person.
  if (destructive !== undefined)
    lines.push(`  ${'approvals'.padEnd(12)} ${new URL('/approvals', destructive).href}`);
  const resource = readonly ?? destructive;
  const shown = resource ?? addresses.registry;
  for (const name of traced ? ['metrics', 'trace'] : ['metrics'])
    if (secret !== undefined && shown !== undefined)
      lines.push(`  ${name.padEnd(12)} ${new URL(`/${name}/${secret}`, shown).href}`);
  if (authserver !== undefined) lines.push('', DEVELOPMENT);
  if (resource !== undefined) {
    const { call, scope } = readonly === undefined ? ISSUE : SQL;
    lines.push('', 'Every request carries an access token. Paste this into another terminal for one:', '');
    lines.push(
      authserver === undefined
        ? `TOKEN=…  # from ${issuers.join(' or ')}`
        : token(authserver, resource, scope),
    );
    lines.push('', 'and then one of these:', '', ...[...CALLS, call].map((one) => curl(resource, one)));
  }
  return [...lines, '', 'Ctrl-C stops it.'].join('\n');
}

const DEVELOPMENT = `  The authserver is for development: its people share one password, its client's secret is public, and it forgets its
  grants when it stops. Name a real one with --issuer.`;

type Call = { method: string; params: object; name?: string };

const CALLS: Call[] = [
  { method: 'server/discover', params: {} },
  { method: 'tools/list', params: {} },
];
const SQL: { call: Call; scope: string } = {
  call: {
    method: 'tools/call',
    name: 'postgres.readonly',
    params: { name: 'postgres.readonly', arguments: { sql: 'select name, plan from customers limit 3' } },
  },
  scope: 'postgres:query:readonly',
};
const ISSUE: { call: Call; scope: string } = {
  call: {
    method: 'tools/call',
    name: 'jira.create',
    params: { name: 'jira.create', arguments: { project: 'OPS', type: 'Task', summary: 'Read the wire' } },
  },
  scope: 'jira:write',
};

/** A token of the demo client, kept in the shell's variable TOKEN. */
export function token(issuer: string, resource: string, scope: string): string {
  const read = `node -p 'JSON.parse(fs.readFileSync(0)).access_token'`;
  const fields = `-d grant_type=client_credentials -d resource=${resource} -d scope='${scope}'`;
  return `TOKEN=$(curl -s ${issuer}/token -u demo:demo-secret ${fields} | ${read})`;
}

/** One modern request as a curl line: the version and capabilities travel in every request, there is no handshake. */
export function curl(address: string, { method, params, name }: Call): string {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': MODERN,
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } });
  const headers = [
    'content-type: application/json',
    `mcp-protocol-version: ${MODERN}`,
    `mcp-method: ${method}`,
  ];
  if (name !== undefined) headers.push(`mcp-name: ${name}`);
  const quoted = headers.map((header) => `-H '${header}'`).join(' ');
  return `curl -s ${address} -H "authorization: Bearer $TOKEN" ${quoted} -d '${body}'`;
}
