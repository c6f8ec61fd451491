/**
 * Prints the path of one warm, governed `tools/call` of `incidents.list`: the files and functions of the build that it enters, in
 * the order in which it enters them, counted with V8's precise coverage. It runs what `tsc` emits, where each file of the source is one
 * file, and so it is plain JavaScript.
 *
 * Usage: npm run call-path [-- --json | --write], which writes it into chapter 20.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { Worker } from 'node:worker_threads';

const project = new URL('../../', import.meta.url);
execFileSync('npm', ['run', '--silent', 'build:files'], { cwd: project });
const root = new URL('node_modules/.cache/barewire/files/dist/', project);
const { openGoverned } = await import(new URL('app/theatre/governed.js', root).href);
const WARM_CALLS = 300;
/** Calls whose paths are compared. */
const RUNS = 5;

// Without a quota: how often a replica asks the shared state for calls depends on the speed of the machine.
const governed = await openGoverned({ quota: { all: 0 } });
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const url = new URL(governed.addresses.readonly);
const token = await governed.token('readonly');
const body = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: {
    name: 'incidents.list',
    arguments: {},
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'call-path', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
});
const headers = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  authorization: `Bearer ${token}`,
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': 'tools/call',
  'mcp-name': 'incidents.list',
};

async function call() {
  const sent = request(url, { method: 'POST', agent, headers });
  sent.end(body);
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const part of response.setEncoding('utf8')) text += part;
  const { result } = JSON.parse(text);
  if (response.statusCode !== 200 || result?.isError === true)
    throw new Error(`${response.statusCode} ${text}`);
}

for (let count = 0; count < WARM_CALLS; count += 1) await call();
const worker = new Worker(new URL('./worker.mjs', import.meta.url), { workerData: { root: root.href } });
await once(worker, 'message');
const step = async (name) => {
  worker.postMessage(name);
  const [answer] = await once(worker, 'message');
  return answer;
};
await step('begin');
await step('cover');
for (let run = 0; run < RUNS; run += 1) {
  await call();
  await step('take');
}
await step('arm');
await call();
const { inOrder, missed } = await step('report');
await worker.terminate();
agent.destroy();
await governed.close();

/** Files in the order in which the call enters them first, each with its functions. */
const files = new Map();
for (const { file, name } of [...inOrder, ...missed]) {
  const own = files.get(file) ?? [];
  files.set(file, [...own, name === '' || name.includes('.') ? '(closure)' : name]);
}
const path = [...files].map(([file, functions]) => ({
  file: `src/${file.replace(/\.js$/, '.ts')}`,
  functions,
}));
const count = path.reduce((sum, { functions }) => sum + functions.length, 0);

/** A file on one line, and its functions on the next; closures are only counted. */
function describe({ file, functions }) {
  const closures = functions.filter((name) => name === '(closure)').length;
  const names = functions.filter((name) => name !== '(closure)' && !name.startsWith('<'));
  const all = [...new Set(names), ...(closures === 0 ? [] : [`${closures} closures`])];
  return `${file}\n    ${all.join(', ')}`;
}

const text = `${path.map(describe).join('\n')}\n\n${path.length} files, ${count} functions`;
if (process.argv.includes('--json')) console.log(JSON.stringify(path));
else console.log(text);
if (process.argv.includes('--write')) {
  const chapter = new URL('../../spec-fixtures/20-read-the-source/README.md', import.meta.url);
  const [before, rest = ''] = readFileSync(chapter, 'utf8').split('<!-- call-path -->\n');
  const after = rest.slice(rest.indexOf('<!-- /call-path -->'));
  const intro =
    "This is the path of one warm, governed call of `incidents.list`, counted with V8's precise coverage: every file that it enters, in\n" +
    'the order in which it enters them, with the functions that run. `npm run call-path` measures it.\n';
  writeFileSync(chapter, `${before}<!-- call-path -->\n${intro}\n\`\`\`text\n${text}\n\`\`\`\n${after}`);
}
