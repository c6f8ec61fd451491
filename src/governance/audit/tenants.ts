/**
 * The series of all tenants. A few have their file open; more are parked, with their file closed and their head in memory; those
 * that have not written for long are forgotten. Work that has to be done for many of them is done for a few at a time.
 */
import { readFileSync } from 'node:fs';
import type { TenantId } from './names.js';
import type { Series, SeriesContext } from './series.js';

export class Tenants {
  /** In both, the series used last comes last. */
  readonly #open = new Map<string, Series>();
  readonly #parked = new Map<string, Series>();
  #newest: Series | undefined;
  #forgetting: Promise<void> | undefined;

  constructor(
    private readonly create: (id: TenantId) => Series,
    private readonly states: Pick<SeriesContext, 'writing' | 'failing' | 'headless'>,
    private readonly maxOpen: number,
    private readonly maxParked: number,
  ) {}

  /** The series to write to. */
  of(id: TenantId): Series {
    const newest = this.#newest;
    // Consecutive calls mostly have the same tenant. The newest series is never parked.
    if (newest !== undefined) {
      const { tenant, issuer } = newest.tenantId;
      if (tenant === id.tenant && issuer === id.issuer) return newest;
    }
    const key = keyOf(id);
    const open = this.#open.get(key);
    this.#open.delete(key);
    const series = open ?? this.#parked.get(key) ?? this.create({ tenant: id.tenant, issuer: id.issuer });
    this.#parked.delete(key);
    this.#open.set(key, series);
    this.#newest = series;
    if (open === undefined) this.makeRoom();
    return series;
  }

  /** Parks the series that have been quiet for longest and are not busy. */
  makeRoom(): void {
    for (const [key, series] of this.#open) {
      if (this.#open.size <= this.maxOpen) break;
      if (series === this.#newest || series.busy) continue;
      this.#open.delete(key);
      this.#parked.set(key, series);
      void series.park();
    }
    if (this.#parked.size <= this.maxParked) return;
    this.#forgetting ??= this.#forget().finally(() => {
      this.#forgetting = undefined;
    });
  }

  /** A new series waits for this, so that memory is bounded however many tenants come. */
  get memoryFree(): Promise<void> | undefined {
    return this.#forgetting;
  }

  /** Checkpoints the first `max` series of a set, which then come last; fewer when the disk is slow. */
  async checkpoint(set: Set<Series>, max: number, mayGoOn: () => boolean): Promise<void> {
    await each([...set].slice(0, max), 2, async (series) => {
      if (!mayGoOn()) return;
      set.delete(series);
      set.add(series);
      await series.checkpoint();
      if (this.#open.get(keyOf(series.tenantId)) !== series) await series.park();
    });
  }

  /** Heads are written as long as `mayGoOn` allows. */
  async close(mayGoOn: () => boolean): Promise<void> {
    await this.#forgetting;
    const { writing, failing, headless } = this.states;
    const all = new Set([...this.#open.values(), ...writing, ...failing, ...headless]);
    await each([...all], 4, (series) => series.close(mayGoOn()));
    this.#newest = undefined;
    this.#open.clear();
    this.#parked.clear();
  }

  /** A series whose head file is complete needs no memory. A failing one still has its outage to report. */
  async #forget(): Promise<void> {
    const { failing, headless } = this.states;
    for (const [key, series] of this.#parked) {
      if (this.#parked.size <= this.maxParked) return;
      if (series.busy || failing.has(series)) continue;
      await series.checkpoint();
      await series.park();
      const wasUsed = this.#parked.get(key) !== series || series.busy;
      if (!wasUsed && !failing.has(series) && !headless.has(series)) this.#parked.delete(key);
    }
  }
}

/** A missing name differs from every name. */
const keyOf = ({ issuer, tenant }: TenantId): string => JSON.stringify([issuer ?? null, tenant ?? null]);

/** Runs a few at a time: a disk that syncs two at once takes little longer than for one. */
async function each<T>(items: T[], atOnce: number, run: (item: T) => Promise<void>): Promise<void> {
  const iterator = items.values();
  const worker = async () => {
    for (const item of iterator) await run(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

const LIMIT_LINE = /^Max open files +(\d+|unlimited) /m;

/** How many files one log keeps open: an eighth of what the process may open, because connections need descriptors too. */
export function maxOpenFiles(limits = '/proc/self/limits'): number {
  let text = '';
  try {
    text = readFileSync(limits, 'utf8');
  } catch {
    // Only Linux has this file.
  }
  // The first number is the limit in effect: Node has raised it to the second.
  const limit = LIMIT_LINE.exec(text)?.[1];
  if (limit === undefined) return 128;
  return limit === 'unlimited' ? 1024 : Math.max(1, Math.min(1024, Math.floor(Number(limit) / 8)));
}
