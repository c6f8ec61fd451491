/** Which process something belongs to, and whether that process still lives: for locks and folders that a kill leaves behind. */
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

export type Owner = {
  pid: number;
  host: string;
  /** Ids of processes mean something within one namespace: those of another container are others. */
  namespace: string;
  /** When it began, for ids are used again; '' where the system does not say. */
  started: string;
};

export async function thisProcess(): Promise<Owner> {
  return {
    pid: process.pid,
    host: hostname(),
    namespace: await readlink('/proc/self/ns/pid').catch(() => ''),
    started: (await startOf(process.pid)) ?? '',
  };
}

/** Whether two processes see each other, so that one can ask whether the other lives. */
export function areNeighbors(one: Owner, other: Owner): boolean {
  return one.host === other.host && one.namespace === other.namespace;
}

/**
 * When that process began, for ids are used again; '' when it lives and the system does not say, undefined when there
 * is no such process or only its exit status is left.
 */
export async function startOf(pid: number): Promise<string | undefined> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return undefined;
  }
  // The second field, in brackets, may hold anything; after it come the state and, as the 22nd field, the start.
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (/^[ZX]/.test(fields[0] ?? '')) return undefined;
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return fields[19] === undefined ? '' : `${boot.trim()} ${fields[19]}`;
}
