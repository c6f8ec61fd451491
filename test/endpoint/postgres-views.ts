/** Two views of one shared state in PostgreSQL, each with connections of its own, as two processes have. */
import { createPostgresState, type SharedState } from '../../src/index.js';

export type PostgresViews = {
  /** One of the two in turn; more connections than theirs are never made. */
  open(): SharedState;
  close(): Promise<void>;
};

export function postgresViews(url: string): PostgresViews {
  const make = (): SharedState =>
    createPostgresState({ url, clock: () => new Date(), onError: () => undefined });
  const both = [make(), make()] as const;
  let opened = 0;
  return {
    open() {
      opened += 1;
      return both[opened % 2 === 0 ? 0 : 1];
    },
    close: async () => void (await Promise.all(both.map((state) => state.close()))),
  };
}
