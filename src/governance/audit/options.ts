/** What somebody says to open an audit log, and what they get. */
import type { AuditFs } from './disk.js';
import type { AuditEntry, Notice } from './record.js';

export type AuditOptions = {
  dir: string;
  /** Names this process's files: two that write to one folder have two names. */
  replica: string;
  clock: () => Date;
  /** Every record is durable. */
  fsyncAll?: boolean;
  /** Once when the log cannot be written, however many records are refused; each refusal is also its caller's. */
  onError: (error: Error) => void;
  /** A finding of the log about itself, written as a record: `torn`, `missing`, `unrecorded`, `future`. */
  onNotice?: (folder: string, notice: Notice) => void;
  /** Characters of arguments, and of a response, that are kept whole. */
  maxChars?: number;
  /** Tenants whose files are open at a time; an eighth of what the process may open, and 1,024 at most, unless told. */
  maxOpen?: number;
  /** Tenants more whose place in the chain is remembered, some 1.3 KB each, so that their file is quick to open: 50,000. */
  maxKnown?: number;
  fs?: AuditFs;
  after?: (ms: number, run: () => void) => () => void;
};

export type Audit = {
  /**
   * Lines stand in the order of the calls. The entry is read before this returns.
   * @throws AuditUnavailable (as a rejection) when the record may not be there.
   */
  append(entry: AuditEntry, options?: { durable?: boolean }): Promise<void>;
  readonly healthy: boolean;
  /** After everything appended before. */
  close(): Promise<void>;
};
