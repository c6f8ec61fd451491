/**
 * As many MCP servers as are wanted behind one port, told apart by the name they are asked by: a process of its own, so that
 * what it costs is not the registry's. One of a hundred never answers. Usage: many-servers.ts COUNT; prints the port.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createManifest, type Manifest } from '../../src/services/registry/manifest/manifest.js';
import { SUPPORTED } from '../../src/wire/revisions.js';

const WORDS =
  'account alert asset audit backup batch billing branch build bucket calendar cart case chart claim cluster comment contract customer dataset deploy device document domain employee event export feature file folder forecast gateway group image import incident index invoice issue item job key label lead ledger license list log mail meeting member message metric model note order page patch payment person pipeline plan policy product profile project quote queue record release report request review role room route rule sale schedule secret sensor service session sheet shift site sprint stock stream survey table task team template ticket token trace transfer trip usage user vendor version visit volume warehouse widget workflow zone'.split(
    ' ',
  );
const VERBS = ['get', 'list', 'search', 'create', 'update', 'delete', 'export', 'count'];
const OWNERS = 40;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
/** The same for the same number, whenever it is asked. */
function pick<T>(of: readonly T[], seed: number, salt: number): T {
  const hash = Number.parseInt(sha256(`${seed} ${salt}`).slice(0, 8), 16);
  return of[hash % of.length] as T;
}

export function manifestAt(number: number, origin: string): Manifest {
  const subject = pick(WORDS, number, 0);
  const names = new Set(
    Array.from(
      { length: 8 + (number % 5) },
      (_, at) => `${pick(WORDS, number, at)}.${pick(VERBS, number, at + 100)}`,
    ),
  );
  return createManifest({
    name: `${subject}-${number}`,
    title: `The ${subject}s of team ${number % OWNERS}`,
    version: '1.0.0',
    url: `${origin}/mcp`,
    owner: `Team ${number % OWNERS}`,
    slo: { availabilityPercent: 99, p99Ms: 500 },
    tools: [...names].map((name) => {
      const [noun = '', verb = ''] = name.split('.');
      return {
        name,
        description: `${verb} one or more ${noun}s of the ${subject} service, and returns them as JSON.`,
        scope: `${noun}:${['get', 'list', 'search', 'count', 'export'].includes(verb) ? 'read' : 'write'}`,
        destructive: verb === 'delete',
        inputSchema: {
          type: 'object',
          properties: {
            id: { type: 'string', description: `The id of the ${noun}` },
            limit: { type: 'integer', minimum: 1, maximum: 100 },
            filter: { type: 'string', maxLength: 200 },
          },
          required: ['id'],
          additionalProperties: false,
        },
      };
    }),
  });
}

if (process.argv[1]?.includes('many-servers')) {
  const count = Number(process.argv[2] ?? 100);
  const texts = new Map<number, { manifest: string; etag: string; tools: string }>();
  const server = createServer((request, response) => {
    const number = Number(/^s(\d+)\./.exec(request.headers.host ?? '')?.[1]);
    // It takes the request and says nothing.
    if (number % 100 === 99 || number >= count) return;
    let text = texts.get(number);
    if (text === undefined) {
      const manifest = manifestAt(number, `http://${request.headers.host}`);
      const tools = manifest.tools.map(({ name, description, schema }) => ({
        name,
        description,
        inputSchema: schema,
      }));
      text = {
        manifest: JSON.stringify(manifest),
        etag: `W/"${manifest.digest}"`,
        tools: JSON.stringify(tools),
      };
      texts.set(number, text);
    }
    if (request.method === 'GET') {
      if (request.headers['if-none-match'] === text.etag) return void response.writeHead(304).end();
      return void response
        .writeHead(200, { 'content-type': 'application/json', etag: text.etag })
        .end(text.manifest);
    }
    request.resume();
    const listing = request.headers['mcp-method'] === 'tools/list';
    const result = listing
      ? `{"tools":${text.tools}}`
      : JSON.stringify({ supportedVersions: SUPPORTED, capabilities: {} });
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(`{"jsonrpc":"2.0","id":${listing ? 2 : 1},"result":${result}}`);
  });
  server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
}
