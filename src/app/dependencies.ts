/** How long what the servers depend on takes to answer, and how often it fails: the database, the shared state, the policy engine. */
import type { SharedState } from '../cluster/shared-state.js';
import type { DatabaseTimers } from '../demo/tools/public-database-errors.js';
import type { Opa } from '../governance/policy/opa/ask.js';
import { HistogramFamily, type Labels } from '../services/exposition.js';
import { OTHER } from './operations.js';

/** Seconds, as the convention for database clients has them; an engine that is asked for each call is as fast. */
const BOUNDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
const MAX_HISTOGRAMS = 200;

export type DependencyTimes = ReturnType<typeof createDependencyTimes>;

export function createDependencyTimes() {
  /** @see https://opentelemetry.io/docs/specs/semconv/db/database-metrics/#metric-dbclientoperationduration */
  const database = new HistogramFamily(
    'db_client_operation_duration_seconds',
    'Duration of a database operation, with the time that it waited for a connection. The namespace demo is the data of the tools, barewire what replicas share.',
    BOUNDS,
  );
  const opa = new HistogramFamily(
    'barewire_opa_decision_duration_seconds',
    'Duration of a question to the Open Policy Agent.',
    BOUNDS,
  );

  const timer = (times: HistogramFamily, labels: Labels) =>
    times.timer(labels, (error) => (times.size < MAX_HISTOGRAMS ? errorTypeOf(error) : OTHER));
  const queryTimer = (db_namespace: string, db_operation_name: string, db_system_name = 'postgresql') =>
    timer(database, { db_system_name, db_namespace, db_operation_name });

  return {
    /** For what the tools ask of their database. */
    demo: {
      read: queryTimer('demo', 'read'),
      run: queryTimer('demo', 'run'),
      prepare: queryTimer('demo', 'prepare'),
    } satisfies DatabaseTimers,
    timedState(inner: SharedState, system: 'postgresql' | 'redis'): SharedState {
      const get = queryTimer('barewire', 'get', system);
      const update = queryTimer('barewire', 'update', system);
      const list = queryTimer('barewire', 'list', system);
      const page = queryTimer('barewire', 'page', system);
      return {
        get: (...args) => get(() => inner.get(...args)),
        update: (...args) => update(() => inner.update(...args)),
        list: (...args) => list(() => inner.list(...args)),
        page: (...args) => page(() => inner.page(...args)),
        watch: (space, listener) => inner.watch(space, listener),
        ready: () => inner.ready(),
        close: () => inner.close(),
      };
    },
    timedOpa(inner: Opa): Opa {
      const decide = timer(opa, {});
      return {
        decide: (input) => decide(() => inner.decide(input)),
        revision: () => inner.revision?.() ?? '',
      };
    },
    text: (): string => database.text() + opa.text(),
  };
}

/** What the engine did wrong, or the class of the error. */
function errorTypeOf(error: unknown): string {
  if (!(error instanceof Error)) return OTHER;
  return 'problem' in error && typeof error.problem === 'string' ? error.problem : error.name;
}
