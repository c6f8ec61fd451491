/**
 * Starts the servers that the transcripts of spec-fixtures/ need, when a transcript first needs them: three sets of servers in
 * this process, and servers on stdio. Their files are in temporary folders.
 */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Peer, type Through } from '../../lesson/player/peer.js';
import type { Stage } from '../../lesson/player/stage.js';
import { SERVERS, type ServerName } from '../../lesson/transcripts/steps.js';
import type { Transcript } from '../../lesson/transcripts/transcript.js';
import type { Config } from '../settings/config.js';
import type { Tracing } from '../trace.js';
import { type ClientDocument, openClientDocument } from './client-document.js';
import { type GovernedServers, openGoverned } from './governed.js';
import { LESSON_TOOLS, spawnStdio } from './stdio-server.js';

/** Low limits, so that a short list has a second page and timeouts come quickly. */
const SETTINGS: Partial<Config> = {
  tools: [LESSON_TOOLS],
  scopeImplies: {
    'jira:write': ['jira:read'],
    'incidents:write': ['incidents:read'],
    lesson: ['lesson:read'],
  },
  pageSize: 8,
  keepAliveMs: 1_000,
  requestMs: 2_000,
};
/** Each set runs all four services. */
const SETS = {
  plain: SETTINGS,
  remembering: {
    ...SETTINGS,
    sessions: 3,
    approvalMs: 1_000,
    quota: { all: 6_000, tools: { 's3.list': 2, 'jira.search': 1 } },
    payloadCaps: { 's3.list': 60 },
  },
  // Nothing listens on port 9.
  undecided: { policy: 'opa', opaUrl: 'http://127.0.0.1:9/' },
} as const satisfies { [name: string]: Partial<Config> };
type SetName = keyof typeof SETS;

/** The set that a transcript's server belongs to, and its name there. */
const PLACES: {
  [Name in ServerName]: { set: SetName; as: 'readonly' | 'destructive' | 'registry' | 'authserver' };
} = {
  readonly: { set: 'plain', as: 'readonly' },
  destructive: { set: 'plain', as: 'destructive' },
  registry: { set: 'plain', as: 'registry' },
  authserver: { set: 'plain', as: 'authserver' },
  sessions: { set: 'remembering', as: 'readonly' },
  hasty: { set: 'remembering', as: 'destructive' },
  undecided: { set: 'undecided', as: 'readonly' },
  any: { set: 'plain', as: 'readonly' },
};
const DEADLINE_MS = 20_000; // the first call may have to open the embedded database

export type Theatre = {
  /** What this transcript needs, judging by its `text`. */
  stageFor(transcript: Transcript, text: string): Promise<Stage>;
  /** Writes a secret to a temporary file and returns its path. */
  saveSecret(secret: string): Promise<string>;
  close(): Promise<void>;
};

/** @param tracing watches the servers that do not run on stdio */
export function createTheatre(tracing?: Tracing): Theatre {
  const sets = new Map<SetName, Promise<GovernedServers>>();
  const homes: string[] = [];
  const exits: Promise<unknown>[] = [];
  const onStdio = (server: ServerName, home: string, through?: Through) => {
    const child = spawnStdio(server, home);
    exits.push(once(child, 'close'));
    const pipes = { input: child.stdin, output: child.stdout };
    const { input, output } = through?.(pipes, 0) ?? pipes;
    return { peer: new Peer(input, output), stop: () => void child.kill() };
  };
  const secretPaths = new Map<string, string>();
  let clientDocument: Promise<ClientDocument> | undefined;
  const newHome = async (): Promise<string> => {
    const home = await mkdtemp(join(tmpdir(), 'walkthrough-'));
    homes.push(home);
    return home;
  };
  const open = (set: SetName): Promise<GovernedServers> => {
    const more = set === 'undecided' ? {} : { readonly: 'lesson' };
    const opening = sets.get(set) ?? openGoverned(SETS[set], more, tracing);
    sets.set(set, opening);
    // What has failed is tried again when it is needed again.
    opening.catch(() => sets.delete(set));
    return opening;
  };
  return {
    async stageFor(transcript, text) {
      if (transcript.transport === 'stdio') {
        const home = await newHome();
        return {
          addresses: {},
          spawnStdio: (server, through) => onStdio(server, home, through),
          deadlineMs: DEADLINE_MS,
        };
      }
      const stage = await setUp(transcript, text, open);
      if (!text.includes('{{client-document}}')) return stage;
      clientDocument ??= openClientDocument();
      return { ...stage, clientDocument: (await clientDocument).address };
    },
    async saveSecret(secret) {
      const path = secretPaths.get(secret) ?? join(await newHome(), 'secret');
      secretPaths.set(secret, path);
      await writeFile(path, secret, { mode: 0o600 });
      return path;
    },
    async close() {
      const results = await Promise.allSettled(sets.values());
      await Promise.all(results.map((one) => (one.status === 'fulfilled' ? one.value.close() : undefined)));
      await (await clientDocument)?.close();
      // Servers on stdio write to their audit logs until they exit.
      await Promise.all(exits);
      await Promise.all(homes.map((home) => rm(home, { recursive: true, force: true })));
    },
  };
}

async function setUp(
  { server, steps }: Transcript,
  text: string,
  open: (set: SetName) => Promise<GovernedServers>,
): Promise<Stage> {
  const stage: Required<Pick<Stage, 'addresses' | 'tokens' | 'strangers' | 'approvers' | 'elsewhere'>> = {
    addresses: {},
    tokens: {},
    strangers: {},
    approvers: {},
    elsewhere: {},
  };
  const usedServers = new Set([
    server,
    ...steps.flatMap((step) => (step.kind === 'send' ? (step.on ?? []) : [])),
  ]);
  // `destructive` is in the set of the transcript's own server, so that changes there are reported here.
  const ownSet = PLACES[server].set;
  const governedOf = async (name: ServerName): Promise<GovernedServers> => {
    const { set } = PLACES[name];
    return open(set === 'plain' && ownSet === 'remembering' ? ownSet : set);
  };
  for (const name of SERVERS) {
    if (!usedServers.has(name) && !text.includes(`{{${name}}}`)) continue;
    const { as } = PLACES[name];
    const governedServers = await governedOf(name);
    stage.addresses[name] = governedServers.addresses[as] ?? '';
    if (as === 'registry') await untilChecked(stage.addresses[name]);
    else if (as !== 'authserver' && name !== 'undecided') await untilReady(stage.addresses[name]);
    if (!usedServers.has(name) || as === 'authserver') continue;
    stage.tokens[name] = await governedServers.token(as);
    if (text.includes('{{stranger}}')) stage.strangers[name] = await governedServers.stranger(as);
    if (text.includes('{{elsewhere}}'))
      stage.elsewhere[name] = await governedServers.token(as === 'readonly' ? 'destructive' : 'readonly');
    if (text.includes('{{approver}}')) stage.approvers[name] = await governedServers.approver();
  }
  return {
    ...stage,
    deadlineMs: DEADLINE_MS,
    async records(name) {
      return (await governedOf(name)).records(PLACES[name].as === 'destructive' ? 'destructive' : 'readonly');
    },
  };
}

/** While the demo data is being made, a call is slow enough for keep-alive frames, which no transcript expects. */
async function untilReady(address: string): Promise<void> {
  const until = Date.now() + DEADLINE_MS;
  while (Date.now() < until && !(await fetch(new URL('/readyz', address))).ok) await sleep(50);
}

/** A registry that has just started first has to check its servers. */
async function untilChecked(address: string): Promise<void> {
  const until = Date.now() + DEADLINE_MS;
  while (Date.now() < until) {
    const text = await (await fetch(new URL('/api/servers', address))).text();
    if (text.includes('"state":"on"') && !text.includes('"state":"pending"')) return;
    await sleep(100);
  }
}
