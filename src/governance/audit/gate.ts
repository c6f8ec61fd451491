/**
 * Few syncs at a time, over all tenants: each holds one of Node's four threads for as long as the disk takes, and the
 * others are needed by everybody else.
 */
const MOST = 2;

export class Gate {
  #inside = 0;
  readonly #outside: (() => void)[] = [];

  async pass<T>(run: () => Promise<T>): Promise<T> {
    if (this.#inside >= MOST) await new Promise<void>((resolve) => this.#outside.push(resolve));
    else this.#inside += 1;
    try {
      return await run();
    } finally {
      // A place that is free goes straight to the next one.
      const next = this.#outside.shift();
      if (next === undefined) this.#inside -= 1;
      else next();
    }
  }
}
