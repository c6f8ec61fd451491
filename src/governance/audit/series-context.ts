/** What the series of one log share. Their states stand here, so that nobody has to go through all tenants to know. */
import type { AuditFs, AuditUnavailable } from './disk.js';
import type { Gate } from './gate.js';
import type { Owner } from './names.js';
import type { Draft, Notice } from './record.js';

export type SeriesContext = {
  fs: AuditFs;
  dir: string;
  /** Rejects while this process may not write. */
  ready(): Promise<void>;
  /** Waits while too many series are remembered. */
  room(): Promise<void> | undefined;
  /** A record of the log about itself, for that tenant. */
  draft(owner: Owner, notice: Notice): Draft;
  clock(): Date;
  gate: Gate;
  /** Characters that wait to be written, over all tenants. */
  backlog: { chars: number };
  states: States<object>;
  /** Once for each time of trouble. */
  onTrouble(error: AuditUnavailable): void;
  onNotice(folder: string, notice: Notice): void;
};

/** Those that wait for longest, or whose turn was longest ago, stand first. */
export class States<Series> {
  /** A write of theirs is under way. */
  readonly writing = new Set<Series>();
  readonly troubled = new Set<Series>();
  /** They have written what their head does not know yet. */
  readonly unkept = new Set<Series>();
}
