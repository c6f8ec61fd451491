/** The start-up message: the addresses of the services, and commands to paste for a token and the first calls. */
import { MODERN } from '../wire/revisions.js';
import { SERVICES, type Service } from './settings/setting.js';

/** `secret` opens the metrics and the trace; without it neither is served. */
type Operator = { secret: string | undefined; traced: boolean };

export function welcome(
  addresses: { [Name in Service]?: string },
  issuers: readonly string[],
  { secret, traced }: Operator,
): string {
  const { readonly, destructive, registry, authserver } = addresses;
  const row = (name: string, address: string): string => `  ${name.padEnd(12)} ${address}`;
  const lines = ['barewire is ready.', ''];
  for (const name of SERVICES) {
    const address = addresses[name];
    if (address !== undefined) lines.push(row(name, address));
  }
  if (destructive !== undefined) lines.push(row('approvals', new URL('/approvals', destructive).href));
  const resource = readonly ?? destructive;
  const operatorHost = resource ?? registry;
  if (secret !== undefined && operatorHost !== undefined) {
    for (const name of traced ? ['metrics', 'trace'] : ['metrics'])
      lines.push(row(name, new URL(`/${name}/${secret}`, operatorHost).href));
  }
  if (authserver !== undefined) lines.push('', DEVELOPMENT);
  if (resource !== undefined) {
    const { call, scope } = readonly === undefined ? ISSUE : SQL;
    const token =
      authserver === undefined
        ? `TOKEN=…  # from ${issuers.join(' or ')}`
        : tokenCommand(authserver, resource, scope);
    lines.push(
      '',
      'Every request needs an access token. Paste this into another terminal to get one:',
      '',
      token,
    );
    lines.push(
      '',
      'Then try one of these:',
      '',
      ...[...CALLS, call].map((one) => curlCommand(resource, one)),
    );
  }
  return [...lines, '', 'Ctrl-C stops it.'].join('\n');
}

const DEVELOPMENT = `  The authserver is for development: its users share one password, its client's secret is public, and it forgets its
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

/** Gets a token of the demo client into the shell's variable TOKEN. */
export function tokenCommand(issuer: string, resource: string, scope: string): string {
  const read = `node -p 'JSON.parse(fs.readFileSync(0)).access_token'`;
  const fields = `-d grant_type=client_credentials -d resource=${resource} -d scope='${scope}'`;
  return `TOKEN=$(curl -s ${issuer}/token -u demo:demo-secret ${fields} | ${read})`;
}

/** One modern request: the version and the capabilities are in each request, so no handshake is necessary. */
export function curlCommand(address: string, { method, params, name }: Call): string {
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
  const flags = headers.map((header) => `-H '${header}'`).join(' ');
  return `curl -s ${address} -H "authorization: Bearer $TOKEN" ${flags} -d '${body}'`;
}
