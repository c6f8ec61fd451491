/**
 * The load: wrk with a script of its own for each request, and what it found, read from the one line that the script prints at
 * the end. wrk sends the same bytes again and again; only where callers differ does it go round a list of tokens.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pinned } from './child.js';
import type { Sent } from './requests.js';

export type Load = {
  /** Requests that were answered, and in how many seconds. */
  requests: number;
  seconds: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Sockets that failed, and answers that were not 2xx. */
  errors: number;
};

export type LoadOptions = { connections: number; seconds: number; tokens?: readonly string[] };

const DONE = 'BENCH';

export function hasWrk(): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'wrk')));
}

export async function load(url: string, sent: Sent, options: LoadOptions): Promise<Load> {
  const dir = await mkdtemp(join(tmpdir(), 'barewire-bench-'));
  try {
    const script = join(dir, 'load.lua');
    const list = join(dir, 'tokens');
    if (options.tokens !== undefined) await writeFile(list, options.tokens.join('\n'), { mode: 0o600 });
    await writeFile(script, lua(sent, options.tokens === undefined ? undefined : list), { mode: 0o600 });
    const { connections, seconds } = options;
    const timeout = `${Math.max(10, seconds * 2)}s`;
    return parseLoad(
      await output(['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', timeout, '-s', script, url]),
    );
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** @throws Error when the output has no such line: wrk did not end well. */
export function parseLoad(text: string): Load {
  const line = text.split('\n').find((one) => one.startsWith(`${DONE} `));
  const numbers = line?.split(' ').slice(1).map(Number);
  if (numbers?.length !== 8 || !numbers.every(Number.isFinite)) throw new Error(`wrk said: ${text}`);
  const [requests = 0, micros = 0, p50 = 0, p99 = 0, ...errors] = numbers;
  const seconds = micros / 1e6;
  return {
    requests,
    seconds,
    perSecond: requests / seconds,
    p50Ms: p50 / 1000,
    p99Ms: p99 / 1000,
    errors: errors.reduce((sum, one) => sum + one, 0),
  };
}

/** The script: the request, and the line at the end. */
export function lua({ headers, body }: Sent, tokens?: string): string {
  const fields = Object.entries(headers)
    .map(([name, value]) => `wrk.headers[${quoted(name)}] = ${quoted(value)}`)
    .join('\n');
  const turns = `
local requests, at = {}, 0
function init()
  for token in io.lines(${quoted(tokens ?? '')}) do
    wrk.headers["authorization"] = "Bearer " .. token
    requests[#requests + 1] = wrk.format()
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end`;
  return `wrk.method = "POST"
wrk.body = ${quoted(body)}
${fields}
${tokens === undefined ? '' : turns}
function done(summary, latency)
  local e = summary.errors
  print(string.format("${DONE} %d %d %d %d %d %d %d %d", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), e.connect, e.read, e.write, e.status + e.timeout))
end
`;
}

/** Lua reads what JSON writes, but for \u and \/; what is not plain is written as a decimal escape. */
function quoted(text: string): string {
  const plain = text.replace(/[^ !#-[\]-~]/g, (one) =>
    [...Buffer.from(one)].map((byte) => `\\${String(byte).padStart(3, '0')}`).join(''),
  );
  return `"${plain}"`;
}

function output(args: readonly string[]): Promise<string> {
  const [command, ...rest] = pinned('load', ['wrk', ...args]);
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(text));
  });
}
