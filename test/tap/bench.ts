/**
 * What the tap costs a message: the same message without it, through a relay that only copies bytes, and through the tap, in turns,
 * so that all meet the same moments of the machine. Client, server, relay and tap are processes of their own. The relay shows how much
 * of the cost is one more process on the way.
 *
 *   npm run build && npx tsx test/tap/bench.ts [--count 2000]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { close, listen } from '../../src/wire/http/listener.js';
import { createHttpEndpoint } from '../../src/wire/index.js';
import { toolOf } from '../mcp/ask.js';
import { ROOT } from '../support/process.js';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '2000' }, serve: { type: 'boolean' } },
});
const COUNT = Number(values.count);
const WARM_UP = Math.min(300, COUNT);

const CALL = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: {
    name: 't',
    arguments: {},
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
});

type RoundTrip = () => Promise<void>;
type Ways<Of> = { direct: Of; relayed: Of; tapped: Of };
const WAYS = ['direct', 'relayed', 'tapped'] as const;

async function measure(runs: Ways<RoundTrip>): Promise<Ways<number[]>> {
  const times: Ways<number[]> = { direct: [], relayed: [], tapped: [] };
  for (let turn = 0; turn < WARM_UP + COUNT; turn += 1) {
    for (const way of WAYS) {
      const began = performance.now();
      await runs[way]();
      if (turn >= WARM_UP) times[way].push(performance.now() - began);
    }
  }
  return times;
}

/** `messages`: how many messages one of these is. */
function report(name: string, messages: number, times: Ways<number[]>): void {
  const at = (all: number[], part: number): number =>
    [...all].sort((one, other) => one - other)[Math.floor(all.length * part)] ?? 0;
  console.log(name);
  for (const [label, part] of [
    ['median', 0.5],
    ['p95', 0.95],
  ] as const) {
    const [direct, relayed, tapped] = WAYS.map((way) => at(times[way], part)) as [number, number, number];
    const cost = ((tapped - direct) / messages).toFixed(3);
    const text = `direct ${direct.toFixed(3)} ms, relay ${relayed.toFixed(3)} ms, tap ${tapped.toFixed(3)} ms`;
    console.log(
      `  ${label.padEnd(7)} ${text}: ${cost} ms a message, ${(tapped / direct).toFixed(1)} times direct`,
    );
  }
}

const RELAY = `
  const net = require('node:net');
  const server = net.createServer({ noDelay: true }, (socket) => {
    const other = net.connect({ port: Number(process.argv[1]), host: '127.0.0.1', noDelay: true });
    socket.pipe(other).pipe(socket);
    for (const one of [socket, other]) one.on('error', () => {});
  });
  server.listen(0, '127.0.0.1', () => console.log('http://localhost:' + server.address().port + '/mcp'));
`;

/** A process that prints its address, and that address. */
async function startPrinting(args: readonly string[]): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  const url = await new Promise<string>((resolve) => {
    child.stdout.on('data', (bytes) => {
      text = text.length > 10_000 ? '' : text + bytes;
      const [found] = /http:\/\/localhost:\d+\/mcp$/m.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  return { url, child };
}

const startRelay = (url: string) => startPrinting(['-e', RELAY, new URL(url).port]);
const startTap = (url: string, ...flags: readonly string[]) =>
  startPrinting(['dist/server.js', 'tap', url, '--port', '0', ...flags]);

async function end(...children: readonly { child: ChildProcess }[]): Promise<void> {
  for (const { child } of children) {
    child.kill();
    await once(child, 'close');
  }
}

function caller(url: string): RoundTrip {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 't',
    'content-length': CALL.length,
  };
  return () =>
    new Promise((resolve, reject) => {
      const sent = request(url, { method: 'POST', agent, headers }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
        response.resume().once('end', resolve);
      });
      sent.once('error', reject).end(CALL);
    });
}

async function calls(): Promise<void> {
  const server = await startPrinting(['--import', 'tsx', fileURLToPath(import.meta.url), '--serve']);
  const relay = await startRelay(server.url);
  for (const flags of [[], ['--quiet']]) {
    const tap = await startTap(server.url, ...flags);
    const runs = { direct: caller(server.url), relayed: caller(relay.url), tapped: caller(tap.url) };
    report(`a call over HTTP, ${flags[0] ?? 'printed'}: a request and its answer`, 2, await measure(runs));
    await end(tap);
  }
  await end(relay, server);
}

/** The time from the write of an event to its arrival. */
async function events(): Promise<void> {
  const streams: ServerResponse[] = [];
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    streams.push(response);
  });
  const url = `http://localhost:${await listen(server, 0, '127.0.0.1')}/mcp`;
  const [relay, tap] = [await startRelay(url), await startTap(url)];
  const open = async (address: string): Promise<RoundTrip> => {
    const [incoming] = (await once(request(address).end(), 'response')) as [IncomingMessage];
    const stream = streams.at(-1);
    const frame = `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } })}\n\n`;
    return async () => {
      const came = once(incoming, 'data');
      stream?.write(frame);
      await came;
    };
  };
  const runs = { direct: await open(url), relayed: await open(relay.url), tapped: await open(tap.url) };
  report('an event of a stream, printed', 1, await measure(runs));
  await end(relay, tap);
  await close(server, 0);
}

async function lines(): Promise<void> {
  const echo = [process.execPath, '-e', 'process.stdin.pipe(process.stdout)'];
  const start = (command: readonly string[]): { run: RoundTrip; child: ChildProcess } => {
    const [program = '', ...args] = command;
    const child = spawn(program, args, { cwd: ROOT, stdio: ['pipe', 'pipe', 'ignore'] });
    const run = async (): Promise<void> => {
      const came = once(child.stdout, 'data');
      child.stdin.write(`${CALL}\n`);
      await came;
    };
    return { run, child };
  };
  const copy = `const { spawn } = require('node:child_process');
    const child = spawn(process.argv[1], process.argv.slice(2), { stdio: ['pipe', 'pipe', 'inherit'] });
    process.stdin.pipe(child.stdin); child.stdout.pipe(process.stdout)`;
  const direct = start(echo);
  const relayed = start([process.execPath, '-e', copy, '--', ...echo]);
  const tapped = start([process.execPath, 'dist/server.js', 'tap', '--log', '/dev/null', '--', ...echo]);
  const runs = { direct: direct.run, relayed: relayed.run, tapped: tapped.run };
  report('a line on stdio and back, logged', 2, await measure(runs));
  await end(direct, relayed, tapped);
}

if (values.serve) {
  const endpoint = createHttpEndpoint({ name: 'bench', version: '1', tools: [toolOf('t')] });
  console.log(await endpoint.listen(0));
} else {
  await calls();
  await events();
  await lines();
}
