/** Disks that fail: made-up errors, and real file systems that are small or read-only. */
import { execFileSync } from 'node:child_process';
import type { Test } from 'uvu';
import { type LogFile, realFs } from '../../src/governance/audit/disk.js';
import { reportSkip } from '../support/programs.js';
import { scratch } from './logs.js';

/** A file system whose log files fail when `fault` says so; half of what is written arrives before a write fails. */
export function faulty() {
  const fault: { write?: string | undefined; sync?: string | undefined; truncate?: string | undefined } = {};
  const failure = (code: string) => Object.assign(new Error(`${code}: made up`), { code });
  const fs: typeof realFs = {
    ...realFs,
    async open(path, flags, mode): Promise<LogFile> {
      const file = await realFs.open(path, flags, mode);
      if (!path.endsWith('.jsonl')) return file;
      return {
        async write(bytes, offset, length) {
          if (fault.write === undefined) return file.write(bytes, offset, length);
          await file.write(bytes, offset, Math.floor(length / 2));
          throw failure(fault.write);
        },
        async datasync() {
          if (fault.sync !== undefined) throw failure(fault.sync);
          await file.datasync();
        },
        async truncate(length) {
          if (fault.truncate !== undefined) throw failure(fault.truncate);
          await file.truncate(length);
        },
        stat: () => file.stat(),
        close: () => file.close(),
      };
    },
  };
  return { fs, fault };
}

/** `test`, or `test.skip` where no file system can be mounted, with a note: that needs root and tmpfs. */
export function mounting(test: Test, what: string): (name: string, run: () => Promise<void>) => void {
  try {
    mount('size=64k');
    return test;
  } catch {
    reportSkip(what, 'no file system can be mounted here');
    return (name, run) => test.skip(name, run);
  }
}

/** A real file system of its own. */
export function mount(options: string): string {
  const path = scratch();
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'barewire-audit-test', path], { stdio: 'ignore' });
  process.prependOnceListener('exit', () => execFileSync('umount', ['-l', path]));
  return path;
}
