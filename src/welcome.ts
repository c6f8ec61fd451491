/** What a learner reads after `npm start`: where the servers are, and three lines to paste. */
import { MODERN } from './revisions.js';

type Addresses = { readonly?: string; destructive?: string };

export function welcome({ readonly, destructive }: Addresses): string {
  const lines = ['barewire is ready.', ''];
  if (readonly !== undefined) lines.push(`  readonly     ${readonly}`);
  if (destructive !== undefined) lines.push(`  destructive  ${destructive}`);
  const address = readonly ?? destructive;
  if (address === undefined) return lines.join('\n');
  const tool = readonly === undefined ? ISSUE : SQL;
  lines.push(
    '',
    'Paste one of these into another terminal:',
    '',
    ...CALLS.map((call) => curl(address, call)),
  );
  lines.push(curl(address, tool), '', 'Ctrl-C stops it.');
  return lines.join('\n');
}

type Call = { method: string; params: object; name?: string };

const CALLS: Call[] = [
  { method: 'server/discover', params: {} },
  { method: 'tools/list', params: {} },
];
const SQL: Call = {
  method: 'tools/call',
  name: 'postgres.readonly',
  params: { name: 'postgres.readonly', arguments: { sql: 'select name, plan from customers limit 3' } },
};
const ISSUE: Call = {
  method: 'tools/call',
  name: 'jira.create',
  params: { name: 'jira.create', arguments: { project: 'OPS', type: 'Task', summary: 'Read the wire' } },
};

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
  return `curl -s ${address} ${headers.map((header) => `-H '${header}'`).join(' ')} -d '${body}'`;
}
