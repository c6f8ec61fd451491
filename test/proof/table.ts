/** All violations by clause: every clause that counts as shown has one here, or proof.test.ts fails. */
import type { Proofs } from './violation.js';
import { authorization } from './violations/authorization.js';
import { basic } from './violations/basic.js';
import { http } from './violations/http.js';
import { legacy } from './violations/legacy.js';
import { primitives } from './violations/primitives.js';
import { rounds } from './violations/rounds.js';
import { schema } from './violations/schema.js';
import { tasks } from './violations/tasks.js';

export const PROOFS: Proofs = {
  ...basic,
  ...http,
  ...rounds,
  ...primitives,
  ...schema,
  ...authorization,
  ...legacy,
  ...tasks,
};
