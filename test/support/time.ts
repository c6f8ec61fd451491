/**
 * Time that a test moves by itself, for code that takes the timers and the clock of its process: `setTimeout`, `setInterval`, `Date` and
 * `performance.now`. Anyone who imports `node:timers/promises` keeps the real ones, and so does `until`.
 */

type Timer = { at: number; every: number | undefined; ms: number; run: () => void };

export type HeldTime = {
  /** Moves the time on, and runs what is due on the way, in its order. Lets promises settle after each. */
  pass(ms: number): Promise<void>;
  /** How many timers wait. */
  readonly timers: number;
};

/** Runs a test in held time. */
export async function inHeldTime(run: (time: HeldTime) => Promise<void>): Promise<void> {
  const time = holdTime();
  try {
    await run(time);
  } finally {
    time.release();
  }
}

function holdTime(): HeldTime & { release(): void } {
  const real = { setTimeout, clearTimeout, setInterval, clearInterval, Date, now: performance.now };
  const began = Date.now();
  let passed = 0;
  const waiting = new Map<object, Timer>();

  class HeldDate extends real.Date {
    constructor(...parts: [] | [value: number | string | Date]) {
      super(...((parts.length === 0 ? [began + passed] : parts) as [number]));
    }
    static override now(): number {
      return began + passed;
    }
  }
  const add = (run: () => void, ms: number, every: number | undefined): object => {
    const timer: Timer = { at: passed + ms, every, ms, run };
    const handle = {
      ref: () => handle,
      unref: () => handle,
      hasRef: () => true,
      refresh: () => {
        waiting.set(handle, { ...timer, at: passed + ms });
        return handle;
      },
      [Symbol.toPrimitive]: () => 0,
    };
    waiting.set(handle, timer);
    return handle;
  };
  const clear = (handle: NodeJS.Timeout): void => {
    if (!waiting.delete(handle)) real.clearTimeout(handle);
  };
  Object.assign(globalThis, {
    Date: HeldDate,
    setTimeout: (run: (...all: unknown[]) => void, ms = 0, ...all: unknown[]) =>
      add(() => run(...all), ms, undefined),
    setInterval: (run: (...all: unknown[]) => void, ms = 0, ...all: unknown[]) =>
      add(() => run(...all), ms, Math.max(ms, 1)),
    clearTimeout: clear,
    clearInterval: clear,
  });
  const start = performance.now();
  performance.now = () => start + passed;

  return {
    get timers() {
      return waiting.size;
    },
    async pass(ms) {
      const end = passed + ms;
      for (;;) {
        const [handle, timer] =
          [...waiting].sort(([, a], [, b]) => a.at - b.at).find(([, { at }]) => at <= end) ?? [];
        if (handle === undefined || timer === undefined) break;
        passed = Math.max(passed, timer.at);
        if (timer.every === undefined) waiting.delete(handle);
        else waiting.set(handle, { ...timer, at: passed + timer.every });
        timer.run();
        await new Promise((resolve) => setImmediate(resolve));
      }
      passed = end;
    },
    release() {
      const { now, ...globals } = real;
      Object.assign(globalThis, globals);
      performance.now = now;
    },
  };
}
