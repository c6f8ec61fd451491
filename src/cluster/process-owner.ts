/** Identifies the process that owns a lock or a folder, and tells whether it is still alive. */
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

export type Owner = {
  pid: number;
  host: string;
  /** Process ids are only unique within one namespace, such as a container. */
  namespace: string;
  /** Start time, because ids are reused; '' where the system does not report it. */
  started: string;
};

export async function thisProcess(): Promise<Owner> {
  return {
    pid: process.pid,
    host: hostname(),
    namespace: await readlink('/proc/self/ns/pid').catch(() => ''),
    started: (await startTimeOf(process.pid)) ?? '',
  };
}

/** Whether one process can look up the other by its id. */
export function canSeeEachOther(one: Owner, other: Owner): boolean {
  return one.host === other.host && one.namespace === other.namespace;
}

/** The start time of a process; '' when the system does not report it, undefined when the process is gone or a zombie. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return undefined;
  }
  // The second field, in brackets, may contain anything. After it come the state and, as field 22, the start time.
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (/^[ZX]/.test(fields[0] ?? '')) return undefined;
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return fields[19] === undefined ? '' : `${boot.trim()} ${fields[19]}`;
}
