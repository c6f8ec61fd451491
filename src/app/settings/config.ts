/** The whole configuration: the settings of all topics. */
import { type FindSource, readTopic, type Setting, settingsOf } from './setting.js';
import { approval } from './topics/approval.js';
import { audit } from './topics/audit.js';
import { authserver } from './topics/authserver.js';
import { database } from './topics/database.js';
import { http } from './topics/http.js';
import { issuers } from './topics/issuers.js';
import { limits } from './topics/limits.js';
import { operator } from './topics/operator.js';
import { policy } from './topics/policy.js';
import { registry } from './topics/registry.js';
import { replicas } from './topics/replicas.js';
import { servers } from './topics/servers.js';
import { sessions } from './topics/sessions.js';
import { slack } from './topics/slack.js';
import { tokens } from './topics/tokens.js';
import { tools } from './topics/tools.js';

/** In the order of `--help`. */
export const TOPICS = [
  servers,
  tools,
  operator,
  database,
  issuers,
  tokens,
  authserver,
  policy,
  approval,
  slack,
  audit,
  registry,
  replicas,
  sessions,
  http,
  limits,
];

export const SETTINGS: readonly Setting[] = TOPICS.flatMap(settingsOf);

export function readConfig(find: FindSource) {
  return {
    ...readTopic(servers, find),
    ...readTopic(tools, find),
    ...readTopic(operator, find),
    ...readTopic(database, find),
    ...readTopic(issuers, find),
    ...readTopic(tokens, find),
    ...readTopic(authserver, find),
    ...readTopic(policy, find),
    ...readTopic(approval, find),
    ...readTopic(slack, find),
    ...readTopic(audit, find),
    ...readTopic(registry, find),
    ...readTopic(replicas, find),
    ...readTopic(sessions, find),
    ...readTopic(http, find),
    ...readTopic(limits, find),
  };
}

export type Config = ReturnType<typeof readConfig>;

const DEFAULTS = readConfig(() => undefined);

export function configure(given: Partial<Config>): Config {
  return { ...DEFAULTS, ...given };
}
