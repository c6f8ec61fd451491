/**
 * A server as a process of its own, on a core of its own where there are two: what it said its address is, how much processor
 * it has used and how much memory it holds, both read from /proc and so without a word to it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { ROOT } from '../support/process.js';

export type Child = {
  /** Where it is reached. */
  url: string;
  /** The same as it calls itself: the audience of its tokens. */
  resource: string;
  process: ChildProcess;
  /** Milliseconds from its spawn to the line with its address. */
  readyMs: number;
  /** Processor time so far in microseconds, in steps of ten milliseconds. */
  cpuMicros(): number;
  /** Resident memory, bytes. */
  rss(): number;
  stop(): Promise<void>;
};
export type ChildSpec = {
  /** What is run; the Node that runs this unless it is given. */
  program?: string;
  args: readonly string[];
  env?: { [name: string]: string };
  cwd?: string;
  /** Finds its address in what it prints, where it prints several. */
  address?: RegExp;
  /** Takes what it reads from a pipe. */
  input?: boolean;
  /** With a channel for messages. */
  ipc?: boolean;
  /** On a core of its own unless false. */
  pin?: boolean;
  /** Open files it may have. */
  files?: number;
};

/** Clock ticks a second in /proc/PID/stat: 100 on every Linux that Node runs on. */
const TICKS = 100;
const ADDRESS = /(http:\/\/\S+)/;
const READY_MS = 30_000;

export const canPin =
  availableParallelism() >= 2 &&
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'taskset')));

/** Servers are on the first core and what loads them on the second, so that neither takes the other's time. */
export function pinned(role: 'server' | 'load', command: readonly string[]): [string, ...string[]] {
  const all = canPin ? ['taskset', '-c', role === 'server' ? '0' : '1', ...command] : command;
  const [first = '', ...rest] = all;
  return [first, ...rest];
}

export async function startChild(spec: ChildSpec): Promise<Child> {
  const begun = performance.now();
  const child = spawnPinned('server', spec);
  let said = '';
  let logged = '';
  let address: string | undefined;
  const url = new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      // Some log each request there.
      if (address !== undefined) return;
      said += chunk;
      // Only whole lines: an address may come in two pieces.
      address = (spec.address ?? ADDRESS).exec(said.slice(0, said.lastIndexOf('\n') + 1))?.[1];
      if (address !== undefined) resolve(address);
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      if (address === undefined) logged += chunk;
    });
    child.once('exit', (code) =>
      reject(new Error(`${spec.args.join(' ')} ended with ${code}: ${said}${logged}`)),
    );
    child.once('error', reject);
    setTimeout(() => reject(new Error(`${spec.args.join(' ')} did not listen: ${said}`)), READY_MS).unref();
  });
  try {
    const resource = await url;
    const { pid = 0 } = child;
    return {
      url: resource.replace('//localhost:', '//127.0.0.1:'),
      resource,
      process: child,
      readyMs: performance.now() - begun,
      cpuMicros: () => readCpu(readFileSync(`/proc/${pid}/stat`, 'utf8')),
      rss: () => readRss(readFileSync(`/proc/${pid}/status`, 'utf8')),
      stop: () => stop(child),
    };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

/** Starts a process, on a core of its own and with a number of open files where the spec says so. */
export function spawnPinned(role: 'server' | 'load', spec: ChildSpec): ChildProcess {
  const { args, env = {}, cwd = ROOT, input = false, ipc = false, pin = true, files } = spec;
  const plain = [spec.program ?? process.execPath, ...args];
  const limited =
    files === undefined ? plain : ['bash', '-c', `ulimit -n ${files}; exec "$@"`, 'bash', ...plain];
  const [command = '', ...rest] = pin ? pinned(role, limited) : limited;
  // What the shell that runs the benchmark has set for servers is not meant for these.
  const clean = Object.entries(process.env).filter(
    ([name]) => !/^(BAREWIRE_|DATABASE_|NODE_OPTIONS)/.test(name),
  );
  return spawn(command, rest, {
    cwd,
    env: { ...Object.fromEntries(clean), ...env },
    // What a peer logs is read and forgotten.
    stdio: [
      input ? 'pipe' : 'ignore',
      'pipe',
      spec.program === undefined ? 'inherit' : 'pipe',
      ...(ipc ? (['ipc'] as const) : []),
    ],
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 8_000);
  await ended;
  clearTimeout(late);
}

/** User and system time of /proc/PID/stat; the name before them may hold blanks. */
export function readCpu(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS) * 1e6;
}

export function readRss(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1024;
}
