/** The wire stands alone: what a small server built on `barewire/wire` loads, in a process of its own. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOT } from './support/process.js';

const test = suite('wire-alone');
const MAX_FILES = 63;

/** Keeps the URL of every script that is loaded. */
const LOADED = `
import { Session } from 'node:inspector';
const session = new Session();
session.connect();
const loaded = new Set();
session.on('Debugger.scriptParsed', ({ params: { url } }) => { if (url.startsWith('file:')) loaded.add(url); });
session.post('Debugger.enable');
`;

/** Prints what was loaded until the server answered a call. */
const SERVER = `${LOADED}
const { createHttpEndpoint, defineTool } = await import('barewire/wire');
const add = defineTool({
  name: 'add',
  title: 'Add',
  description: 'Adds two numbers.',
  scope: 'math',
  destructive: false,
  inputSchema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] },
  handler: ({ a, b }) => ({ structuredContent: { sum: a + b } }),
});
const endpoint = createHttpEndpoint({ name: 'small', version: '1.0.0', tools: [add] });
const url = await endpoint.listen(0);
const _meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};
const params = { name: 'add', arguments: { a: 1, b: 2 }, _meta };
const response = await fetch(url, {
  method: 'POST',
  headers: {
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'add',
  },
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
});
const { result } = await response.json();
await endpoint.close();
console.log(JSON.stringify({ sum: result.structuredContent.sum, loaded: [...loaded] }));
`;

/** Prints what was loaded until a client had failed to connect. */
const CLIENT = `${LOADED}
const { connectHttp } = await import('barewire/client');
const error = await connectHttp(new URL('ftp://localhost/'), { clientInfo: { name: 'x', version: '1' } }).catch((cause) => cause);
console.log(JSON.stringify({ kind: error.kind, loaded: [...loaded] }));
`;

function runScript(script: string): { [key: string]: unknown; loaded: string[] } {
  const args = ['--input-type=module', '--eval', script];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' }));
}

/** The files of the source. Fails where one is in no wing of `wings`, or a package is neither ajv nor one of those that ajv needs. */
function ownFiles(loaded: string[], ...wings: string[]): string[] {
  const built = loaded.filter((url) => url.includes('/dist/') && !url.includes('/node_modules/'));
  // The source map of each file of the bundle says what is in it.
  const bundled = built.flatMap((url): string[] => {
    const map: { sources: string[] } = JSON.parse(readFileSync(new URL(`${url}.map`), 'utf8'));
    return map.sources.map((source) => new URL(source, url).href);
  });
  const own = bundled.filter((url) => url.includes('/src/') && !url.includes('/node_modules/'));
  assert.ok(own.length > 10, 'the build is what runs');
  assert.equal(
    own.filter((url) => !wings.some((wing) => url.includes(`/src/${wing}/`))),
    [],
  );
  const packages = [...bundled, ...loaded].flatMap(
    (url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? [],
  );
  const allowed = ['ajv', 'fast-deep-equal', 'fast-uri', 'json-schema-traverse', 'require-from-string'];
  assert.equal(
    [...new Set(packages)].filter((name) => !allowed.includes(name)),
    [],
  );
  return own;
}

test('a server on barewire/wire answers, and loads nothing but wire/ and ajv, at most 63 files', () => {
  const { sum, loaded } = runScript(SERVER);
  assert.is(sum, 3);
  const own = ownFiles(loaded, 'wire');
  assert.ok(own.length <= MAX_FILES, `${own.length} files`);
});

test('a client on barewire/client loads nothing but client/, wire/ and ajv, and no server', () => {
  const { kind, loaded } = runScript(CLIENT);
  assert.is(kind, 'usage');
  assert.ok(
    !ownFiles(loaded, 'client', 'wire').some((url) => url.includes('/src/wire/server/')),
    'the server is not loaded',
  );
});

test('neither needs undici, which Node 24 loads when a module imports node:http', () => {
  const script = `await import('barewire/wire'); await import('barewire/client');
console.log(JSON.stringify({ loaded: process.moduleLoadList.filter((name) => name.includes('undici/undici')) }));`;
  assert.equal(runScript(script).loaded, []);
});

test.run();
