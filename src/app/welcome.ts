/** The start-up message: where to begin, the addresses of the services, and commands to paste. No line is over 100 columns. */
import { MODERN } from '../wire/revisions.js';
import { SERVICES, type Service } from './settings/setting.js';

type Options = {
  /** Opens the metrics and the trace; without it neither is served. */
  secret: string | undefined;
  isTraced: boolean;
  /** The address of the lesson, if it is served. */
  learn?: string | undefined;
};

export function welcome(
  addresses: { [Name in Service]?: string },
  issuers: readonly string[],
  { secret, isTraced, learn }: Options,
): string {
  const { readonly, destructive, registry, authserver } = addresses;
  const row = (name: string, address: string): string => `  ${name.padEnd(13)} ${address}`;
  const lines = ['barewire is ready.', ''];
  if (learn !== undefined) lines.push(row('Learn MCP at', learn), '');
  for (const name of SERVICES) {
    const address = addresses[name];
    if (address !== undefined) lines.push(row(name, address));
  }
  if (destructive !== undefined) lines.push(row('approvals', new URL('/approvals', destructive).href));
  const resource = readonly ?? destructive;
  const operatorHost = resource ?? registry;
  if (secret !== undefined && operatorHost !== undefined) {
    for (const name of isTraced ? ['metrics', 'trace'] : ['metrics'])
      lines.push(row(name, new URL(`/${name}/${secret}`, operatorHost).href));
  }
  if (authserver !== undefined) lines.push('', DEVELOPMENT);
  if (resource !== undefined) {
    const [token, call] = firstCommands(resource, readonly !== undefined, issuers, authserver);
    lines.push('', 'In another terminal, get an access token, and call a tool with it:', '', token, '', call);
  }
  return [...lines, '', 'Ctrl-C stops it.'].join('\n');
}

const DEVELOPMENT = `  The authserver is for development: its people are made up and share one password, its client's
  secret is public, and it forgets its grants when it stops. Name a real one with --issuer.`;

type Call = { method: string; params: { [name: string]: unknown }; name?: string };

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

/**
 * Gets a token, and calls a tool with it.
 *
 * @param authserver the issuer with the demo client, if it runs in this process
 */
export function firstCommands(
  resource: string,
  isReadOnly: boolean,
  issuers: readonly string[],
  authserver: string | undefined,
): [token: string, call: string] {
  const { call, scope } = isReadOnly ? SQL : ISSUE;
  const token =
    authserver === undefined
      ? `TOKEN=…  # from ${issuers.join(' or ')}`
      : tokenCommand(authserver, resource, scope);
  return [token, curlCommand(resource, call)];
}

/** Gets a token of the demo client into the shell's variable TOKEN. */
export function tokenCommand(issuer: string, resource: string, scope: string): string {
  return `TOKEN=$(curl -s ${issuer}/token -u demo:demo-secret -d grant_type=client_credentials \\
  -d resource=${resource} -d scope='${scope}' |
  node -p 'JSON.parse(fs.readFileSync(0)).access_token')`;
}

/** One modern request: the version and the capabilities are in each request, so no handshake is necessary. */
export function curlCommand(address: string, { method, params, name }: Call): string {
  const headers = [`mcp-method: ${method}`];
  if (name !== undefined) headers.push(`mcp-name: ${name}`);
  const members = Object.entries(params).map(
    ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)},`,
  );
  return `curl -s ${address} -H "authorization: Bearer $TOKEN" \\
  -H 'content-type: application/json' -H 'mcp-protocol-version: ${MODERN}' \\
  ${headers.map((header) => `-H '${header}'`).join(' ')} \\
  -d '${[`{"jsonrpc":"2.0","id":1,"method":"${method}","params":{`, ...members].join('\n        ')}
        "_meta":{"io.modelcontextprotocol/protocolVersion":"${MODERN}",
                 "io.modelcontextprotocol/clientCapabilities":{}}}}'`;
}
