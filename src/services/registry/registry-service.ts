/** The operations of the registry, shared by the API and the pages. */
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
  /** Schedules the checks of all entries; entries of other replicas are scheduled when they appear. */
  begin(): void;
  /** Adds a server by the URL of its endpoint or manifest, or of an origin that has one server. A check follows soon. */
  add(url: string, by: Actor): Promise<{ entry: Entry; added: boolean }>;
  remove(name: string, by: Actor): Promise<void>;
  /** Resolves when the server has been checked. */
  validate(name: string): Promise<Entry>;
  /** Switches the server, or one of its tools. */
  setSwitch(
    name: string,
    change: { enabled: boolean; reason: string; tool?: string | undefined },
    by: Actor,
  ): Promise<Entry>;
  /** Accepts a tool's definition, or the server's identity or guidance; `digest` is that of what the person saw. */
  accept(
    name: string,
    acceptance: { digest: string; reason: string; tool?: string | undefined },
    by: Actor,
  ): Promise<Entry>;
  readonly busy: { running: number; waiting: number };
  close(): Promise<void>;
};

export type RegistryServiceOptions = {
  repository: EntryRepository;
  check: Check;
  /** Throws for a URL that must not be fetched, wherever its host leads. */
  checkUrl: (url: URL) => void;
} & Pick<ScheduleOptions, 'intervalMs' | 'concurrency' | 'leads' | 'clock' | 'after' | 'onError'>;

export function createRegistryService(options: RegistryServiceOptions): RegistryService {
  const { repository, check, clock, checkUrl, onError } = options;
  const { entries } = repository;
  const schedule = createSchedule({ ...options, check: checkEntry, onContact: repository.touch });
  const unwatch = repository.watch(({ address, entry }) => {
    if (entry === undefined) schedule.remove(address);
    else schedule.add(address, true);
  });

  async function checkEntry(address: string): Promise<CheckOutcome> {
    const before = entries.at(address);
    if (before === undefined) return { reached: true, changed: false };
    const result = await check({ address, manifest: before.manifest, off: switchedOff(before) });
    logWithheldTokens(address, before.findings, result.findings);
    const observation = { ...result, ...entries.relationsOf(address), at: clock().toISOString() };
    const after = await repository.update(address, REGISTRY, (entry) => applyCheck(entry, observation));
    // Any change counts, even one of findings: a server that changes at each check must not fill the disk.
    return { reached: result.reached, changed: typeof after === 'object' && after.seq !== before.seq };
  }

  function logWithheldTokens(address: string, before: readonly Finding[], after: readonly Finding[]): void {
    const loggedMessages = new Set(before.map(({ message }) => message));
    for (const { code, message } of after)
      if (code === TOKEN_WITHHELD && !loggedMessages.has(message))
        onError(message, 'registry.token-withheld', { about: address });
  }

  /** The entry with that name or URL. @throws RequestError */
  function requireEntry(name: string): Entry {
    const entry = entries.find(name);
    if (entry === undefined) throw unknownServer(name);
    const candidates = new Set([entry, ...entries.claiming(name)]);
    if (candidates.size < 2) return entry;
    const urls = [...candidates].map((one) => endpointOf(one) ?? one.address).join(', ');
    throw new RequestError(
      'conflict',
      `${candidates.size} servers call themselves ${preview(name)}: ${urls}. Use the URL of the endpoint instead of the name`,
    );
  }

  /** Refuses to accept a manifest that names another origin, or another entry's endpoint. */
  function endpointRefusal({ address, manifest, heldIdentity }: Entry): { problem: string } | undefined {
    if (heldIdentity === undefined || manifest === undefined) return undefined;
    const { url } = manifest;
    if (new URL(url).origin !== new URL(address).origin)
      return { problem: `its manifest names ${url}, which is another origin` };
    const endpoint = canonicalResource(url);
    const others = endpoint === undefined ? [] : entries.atEndpoint(endpoint);
    const other = others.find((one) => one.address !== address);
    return other && { problem: `${other.name} speaks for ${endpoint} already; remove one of the two` };
  }

  async function update(name: string, by: Actor, step: (entry: Entry) => StepResult): Promise<Entry> {
    const result = await repository.update(requireEntry(name).address, by, step);
    if (result === undefined) throw unknownServer(name);
    if (typeof result === 'string') throw new RequestError('conflict', result);
    return result;
  }

  return {
    begin() {
      // A few servers are checked at once; many are spread over the interval.
      const soon = entries.size <= options.concurrency;
      for (const address of entries.addresses()) schedule.add(address, soon);
    },
    async add(text, by) {
      const address = readServerAddress(text, checkUrl);
      // An origin's only server may be listed under the origin's address.
      const endpoint = canonicalResource(endpointAt(new URL(address)) ?? '');
      const [existing] = endpoint === undefined ? [] : entries.atEndpoint(endpoint);
      if (existing !== undefined) return { entry: existing, added: false };
      return repository.add(newEntry(address, by, clock().toISOString()));
    },
    async remove(name, by) {
      await repository.remove(requireEntry(name).address, by);
    },
    async validate(name) {
      const { address } = requireEntry(name);
      await schedule.now(address);
      const entry = entries.at(address);
      if (entry === undefined) throw new RequestError('unknown', `${preview(name)} was removed meanwhile`);
      return entry;
    },
    setSwitch: async (name, { enabled, reason, tool }, by) => {
      const change = { enabled, by, reason: readReason(reason), at: clock().toISOString() };
      return update(name, by, (entry) => applySwitch(entry, change, tool));
    },
    accept: async (name, { digest, reason: text, tool }, by) => {
      const reason = readReason(text);
      return update(name, by, (entry) => {
        if (tool !== undefined) return acceptTool(entry, tool, digest, reason);
        const isTaken = (other: string) => entries.taken(other, entry.address);
        return endpointRefusal(entry) ?? acceptServer(entry, digest, reason, isTaken);
      });
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

function unknownServer(name: string): RequestError {
  return new RequestError('unknown', `no server goes by the name ${preview(name)}`);
}

/** Tools that a server which follows the switches does not list. */
function switchedOff(entry: Entry): ReadonlySet<string> {
  const { enabled, tools } = switchesOf(entry);
  return new Set(enabled ? Object.keys(tools) : (entry.manifest?.tools ?? []).map(({ name }) => name));
}
