/** What people and programs can do here: each thing once, for the API and for the pages. */

import { canonicalResource } from '../../oauth/audience.js';
import { preview } from '../../wire/value.js';
import type { Check } from './check/check.js';
import { TOKEN_WITHHELD } from './check/findings.js';
import { type Actor, type Entry, endpointOf, type Finding, REGISTRY } from './entry.js';
import type { EntryRepository } from './entry-repository.js';
import { endpointAt } from './manifest/address.js';
import { type CheckOutcome, createSchedule, type ScheduleOptions } from './schedule.js';
import { acceptServer, acceptTool, applyCheck, applySwitch, newEntry, type StepResult } from './step.js';
import { RequestError, readReason, readServerAddress } from './user-input.js';
import { switchesOf } from './view.js';

export type RegistryService = {
  /** Takes up whatever is on the repository, and what is put there by another replica. */
  begin(): void;
  /** Adds a server by the URL of its endpoint or manifest, or of an origin that has one server. It is checked soon after. */
  add(url: string, by: Actor): Promise<{ entry: Entry; added: boolean }>;
  remove(name: string, by: Actor): Promise<void>;
  /** Resolves when the server has been asked. */
  validate(name: string): Promise<Entry>;
  /** Of the server, or of one of its tools. */
  setSwitch(
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

export type RegistryServiceOptions = {
  repository: EntryRepository;
  check: Check;
  /** Throws for a URL that would not be asked whatever it leads to. */
  checkUrl: (url: URL) => void;
} & Pick<ScheduleOptions, 'intervalMs' | 'concurrency' | 'leads' | 'clock' | 'after' | 'onError'>;

export function createRegistryService(options: RegistryServiceOptions): RegistryService {
  const { repository, check, clock, checkUrl, onError } = options;
  const schedule = createSchedule({ ...options, check: look, onContact: repository.touch });
  const unwatch = repository.watch(({ address, entry }) => {
    if (entry === undefined) schedule.remove(address);
    else schedule.add(address, true);
  });

  async function look(address: string): Promise<CheckOutcome> {
    const known = repository.entries.at(address);
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
      taken: (name: string) => repository.entries.taken(name, address),
      alsoSpeaking: (endpoint: string) =>
        repository.entries
          .atEndpoint(endpoint)
          .map((one) => one.address)
          .filter((one) => one !== address),
      alsoCalled: (name: string) =>
        repository.entries
          .calledBy(name)
          .flatMap((one) => (one.address === address ? [] : (endpointOf(one) ?? one.address))),
      alsoAt: (tool: string) => repository.entries.alsoAt(tool, address),
      alike: (text: string) => repository.entries.alike(text, address),
      at: clock().toISOString(),
    };
    logWithheld(address, known.findings, findings);
    const after = await repository.update(address, REGISTRY, (entry) => applyCheck(entry, seen));
    // Whatever is kept of it, manifest or findings: a server that is another each time must not fill the disk.
    return { reached, changed: typeof after === 'object' && after.seq !== known.seq };
  }

  function logWithheld(address: string, before: readonly Finding[], now: readonly Finding[]): void {
    const known = new Set(before.map(({ message }) => message));
    for (const { code, message } of now)
      if (code === TOKEN_WITHHELD && !known.has(message)) onError(new Error(message), `registry: ${address}`);
  }

  /** The entry with that name or URL. @throws Refused */
  function known(name: string): Entry {
    const entry = repository.entries.find(name);
    if (entry === undefined) throw new RequestError('unknown', `no server goes by the name ${preview(name)}`);
    const called = new Set([entry, ...repository.entries.calledBy(name)]);
    if (called.size < 2) return entry;
    const candidates = [...called].map((one) => endpointOf(one) ?? one.address).join(', ');
    throw new RequestError(
      'conflict',
      `${called.size} servers call themselves ${preview(name)}: ${candidates}. Use the URL of the endpoint instead of the name`,
    );
  }

  /** For an entry whose manifest waits for acceptance and names another entry's endpoint. */
  function endpointRefusal({ address, manifest, heldIdentity }: Entry): { refused: string } | undefined {
    if (heldIdentity && manifest && new URL(manifest.url).origin !== new URL(address).origin)
      return { refused: `its manifest tells of ${manifest.url}, which is another origin` };
    const endpoint = heldIdentity && manifest && canonicalResource(manifest.url);
    const others = endpoint === undefined ? [] : repository.entries.atEndpoint(endpoint);
    const other = others.find((one) => one.address !== address);
    return other && { refused: `${other.name} speaks for ${endpoint} already; remove one of the two` };
  }

  async function step(name: string, by: Actor, make: (entry: Entry) => StepResult): Promise<Entry> {
    const done = await repository.update(known(name).address, by, make);
    if (done === undefined) throw new RequestError('unknown', `no server goes by the name ${preview(name)}`);
    if (typeof done === 'string') throw new RequestError('conflict', done);
    return done;
  }

  return {
    begin() {
      // A few are asked at once; of many, each some time within the interval.
      const soon = repository.entries.size <= options.concurrency;
      for (const address of repository.entries.addresses()) schedule.add(address, soon);
    },
    async add(text, by) {
      const address = readServerAddress(text, checkUrl);
      // An origin's only server may be listed under the origin's address.
      const endpoint = canonicalResource(endpointAt(new URL(address)) ?? '');
      const [there] = endpoint === undefined ? [] : repository.entries.atEndpoint(endpoint);
      if (there !== undefined) return { entry: there, added: false };
      return repository.add(newEntry(address, by, clock().toISOString()));
    },
    async remove(name, by) {
      await repository.remove(known(name).address, by);
    },
    async validate(name) {
      const { address } = known(name);
      await schedule.now(address);
      const entry = repository.entries.at(address);
      if (entry === undefined) throw new RequestError('unknown', `${preview(name)} was removed meanwhile`);
      return entry;
    },
    setSwitch: (name, { enabled, reason, tool }, by) => {
      const made = { enabled, by, reason: readReason(reason), at: clock().toISOString() };
      return step(name, by, (entry) => applySwitch(entry, made, tool));
    },
    accept: (name, { digest, reason, tool }, by) => {
      const why = readReason(reason);
      return step(name, by, (entry) =>
        tool === undefined
          ? (endpointRefusal(entry) ??
            acceptServer(entry, digest, why, (one) => repository.entries.taken(one, entry.address)))
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

/** Tools that are not in the list of a server which keeps to the switches. */
function offOf(entry: Entry): ReadonlySet<string> {
  const { enabled, tools } = switchesOf(entry);
  return new Set(enabled ? Object.keys(tools) : (entry.manifest?.tools ?? []).map(({ name }) => name));
}
