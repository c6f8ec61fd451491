/** The settings of `audit replay`: those of the server that decide about calls, and policy files that decide instead of its rules. */
import { existsSync } from 'node:fs';
import type { ReplayOptions } from '../../governance/audit/replay.js';
import { evaluatePolicy } from '../../governance/policy/opa/evaluate.js';
import { decide } from '../../governance/policy/rules.js';
import { createHierarchy } from '../../oauth/scopes.js';
import { type Environment, readSettings } from '../settings/sources.js';

/** The flags that are settings of the server, and have their variables. */
const SHARED = ['approval', 'payload-cap', 'quota', 'scope-implies'] as const;
const TEXT = { type: 'string' } as const;
export const REPLAY_FLAGS = {
  policy: TEXT,
  approval: TEXT,
  'payload-cap': TEXT,
  quota: TEXT,
  'scope-implies': TEXT,
};

type Values = { [Flag in keyof typeof REPLAY_FLAGS]?: string };

/** @throws RangeError */
export function readReplay(values: Values, environment: Environment): ReplayOptions {
  const files = values.policy?.split(',') ?? [];
  const config = readSettings([...SHARED], values, environment);
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) throw new RangeError(`--policy: there is no file ${JSON.stringify(missing)}`);
  const hierarchy = createHierarchy(config.scopeImplies);
  return {
    judge:
      files.length > 0
        ? (questions) => evaluatePolicy(files, questions)
        : async (questions) => questions.map(decide),
    limits: { payloadCaps: config.payloadCaps, callsPerMinute: config.quota },
    countQuotas: values.quota !== undefined,
    tokenApprovals: config.approval === 'either' || config.approval === 'token',
    withImplied: hierarchy,
  };
}
