/** What people and programs can do here: each thing once, for the API and for the pages. */
import { MANIFEST_PATH } from '../manifest/schema.js';
import { OutOfReach } from '../outbound/reach.js';
import { preview } from '../value.js';
import type { Check } from './check/check.js';
import { TOKEN_WITHHELD } from './check/findings.js';
import type { Actor, Entry, Finding } from './entry.js';
import { createSchedule, type Outcome, type ScheduleOptions } from './schedule.js';
import type { Shelf } from './shelf.js';
import { acceptServer, acceptTool, checked, newEntry, type Stepped, switched } from './step.js';
import { switchesOf } from './view.js';

/** Why something was not done: there is no such server, what was given is wrong, or it does not fit what is there. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(
    readonly why: 'unknown' | 'invalid' | 'conflict',
    message: string,
    /** The field that is wrong. */
    readonly field?: string,
  ) {
    super(message);
  }
}

export type Desk = {
  /** Takes up whatever is on the shelf, and what is put there by another replica. */
  begin(): void;
  /** By any URL of its origin; checked as soon as there is time. */
  add(url: string, by: Actor): Promise<{ entry: Entry; added: boolean }>;
  remove(name: string, by: Actor): Promise<void>;
  /** Resolves when the server has been asked. */
  validate(name: string): Promise<Entry>;
  /** Of the server, or of one of its tools. */
  turn(
    name: string,
    given: { enabled: boolean; reason: string; tool?: string | undefined },
    by: Actor,
  ): Promise<Entry>;
  /** Of a tool's definition, or of the server's identity; `digest` is that of what was looked at. */
  accept(
    name: string,
    given: { digest: string; reason: string; tool?: string | undefined },
    by: Actor,
  ): Promise<Entry>;
  readonly busy: { running: number; waiting: number };
  close(): Promise<void>;
};

export type DeskOptions = {
  shelf: Shelf;
  check: Check;
  /** Throws for a URL that would not be asked whatever it leads to. */
  checkUrl: (url: URL) => void;
} & Pick<ScheduleOptions, 'intervalMs' | 'concurrency' | 'leads' | 'clock' | 'after' | 'onError'>;

/** What the registry finds by itself. */
const REGISTRY: Actor = { user: 'registry' };
const MOST_REASON = 500;

export function createDesk(options: DeskOptions): Desk {
  const { shelf, check, clock, checkUrl, onError } = options;
  const schedule = createSchedule({ ...options, check: look, onContact: shelf.touch });
  const unwatch = shelf.watch(({ address, entry }) => {
    if (entry === undefined) schedule.remove(address);
    else schedule.add(address, true);
  });

  async function look(address: string): Promise<Outcome> {
    const known = shelf.entries.at(address);
    if (known === undefined) return { reached: true, changed: false };
    const { manifest, guidance, reached, findings } = await check({
      address,
      manifest: known.manifest,
      off: offOf(known),
    });
    const seen = {
      manifest,
      guidance,
      findings,
      taken: (name: string) => shelf.entries.taken(name, address),
      alsoAt: (tool: string) => shelf.entries.alsoAt(tool, address),
      alike: (text: string) => shelf.entries.alike(text, address),
      at: clock().toISOString(),
    };
    logWithheld(address, known.findings, findings);
    const after = await shelf.update(address, REGISTRY, (entry) => checked(entry, seen));
    // Whatever is kept of it, manifest or findings: a server that is another each time must not fill the disk.
    return { reached, changed: typeof after === 'object' && after.seq !== known.seq };
  }

  function logWithheld(address: string, before: readonly Finding[], now: readonly Finding[]): void {
    const known = new Set(before.map(({ message }) => message));
    for (const { code, message } of now)
      if (code === TOKEN_WITHHELD && !known.has(message)) onError(new Error(message), `registry: ${address}`);
  }

  function known(name: string): Entry {
    const entry = shelf.entries.find(name);
    if (entry === undefined) throw new Refused('unknown', `no server goes by the name ${preview(name)}`);
    return entry;
  }

  async function step(name: string, by: Actor, make: (entry: Entry) => Stepped): Promise<Entry> {
    const done = await shelf.update(known(name).address, by, make);
    if (done === undefined) throw new Refused('unknown', `no server goes by the name ${preview(name)}`);
    if (typeof done === 'string') throw new Refused('conflict', done);
    return done;
  }

  return {
    begin() {
      // A few are asked at once; of many, each some time within the interval.
      const soon = shelf.entries.size <= options.concurrency;
      for (const address of shelf.entries.addresses()) schedule.add(address, soon);
    },
    async add(text, by) {
      const address = addressOf(text, checkUrl);
      return shelf.add(newEntry(address, by, clock().toISOString()));
    },
    async remove(name, by) {
      await shelf.remove(known(name).address, by);
    },
    async validate(name) {
      const { address } = known(name);
      await schedule.now(address);
      const entry = shelf.entries.at(address);
      if (entry === undefined) throw new Refused('unknown', `${preview(name)} was removed meanwhile`);
      return entry;
    },
    turn: (name, { enabled, reason, tool }, by) => {
      const made = { enabled, by, reason: reasonIn(reason), at: clock().toISOString() };
      return step(name, by, (entry) => switched(entry, made, tool));
    },
    accept: (name, { digest, reason, tool }, by) => {
      const why = reasonIn(reason);
      return step(name, by, (entry) =>
        tool === undefined
          ? acceptServer(entry, digest, why, (one) => shelf.entries.taken(one, entry.address))
          : acceptTool(entry, tool, digest, why),
      );
    },
    get busy() {
      return schedule.busy;
    },
    async close() {
      unwatch();
      await schedule.close();
    },
  };
}

/** One address for one origin, whichever of its URLs is given. */
function addressOf(text: string, checkUrl: (url: URL) => void): string {
  if (text.length > 2_048 || !URL.canParse(text.trim()))
    throw new Refused('invalid', `expected an https URL, received ${preview(text)}`, 'url');
  const url = new URL(text.trim());
  if (!/^https?:$/.test(url.protocol))
    throw new Refused('invalid', `expected an https URL, received ${preview(text)}`, 'url');
  try {
    checkUrl(url);
  } catch (error) {
    if (error instanceof OutOfReach) throw new Refused('invalid', error.message, 'url');
    throw error;
  }
  return `${url.origin}${MANIFEST_PATH}`;
}

/** Tools that are not in the list of a server which keeps to the switches. */
function offOf(entry: Entry): ReadonlySet<string> {
  const { enabled, tools } = switchesOf(entry);
  return new Set(enabled ? Object.keys(tools) : (entry.manifest?.tools ?? []).map(({ name }) => name));
}

function reasonIn(text: string): string {
  const reason = text.trim();
  if (reason === '') throw new Refused('invalid', 'expected a reason, received nothing', 'reason');
  if (reason.length > MOST_REASON)
    throw new Refused(
      'invalid',
      `expected a reason of at most ${MOST_REASON} characters, received ${reason.length}`,
      'reason',
    );
  return reason;
}
