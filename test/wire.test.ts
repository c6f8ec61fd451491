/**
 * Replays every transcript of spec-fixtures/ against the running servers, and holds each message they sent against
 * the official schema of its revision. Set WIRE to a part of a path to replay only some.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Peer } from '../src/walkthrough/peer.js';
import { play, type Stage, type Traffic } from '../src/walkthrough/play.js';
import type { ServerName } from '../src/walkthrough/steps.js';
import { readTranscript } from '../src/walkthrough/transcript.js';
import { ApproverPerson } from './support/approver.js';
import { checkEmitted } from './support/emitted.js';
import { type Governed, startGoverned } from './support/governed.js';
import { tokenFor } from './support/person.js';
import { emittedIn } from './support/spoken.js';

const test = suite('wire');
const root = fileURLToPath(new URL('..', import.meta.url));
const fixtures = join(root, 'spec-fixtures');
/** Tools that are there to be shown, on both transports. */
const lesson = join(fixtures, 'tools.js');
/** Small enough that a short list has a second page, and that nobody waits for a comment or for a refusal of the slow. */
const bounds = { pageSize: 8, keepAliveMs: 1_000, requestMs: 2_000 };
const scopeImplies = {
  'jira:write': ['jira:read'],
  'incidents:write': ['incidents:read'],
  lesson: ['lesson:read'],
};
/** Small enough that a transcript can go beyond them. */
const limits = {
  approvalMs: 1_000,
  quota: { all: 6_000, tools: { 's3.list': 2 } },
  payloadCaps: { 's3.list': 60 },
};
const given = { tools: [lesson], scopeImplies, ...bounds };
/** Somebody else than the client that the other tokens speak for, who may do the same. */
const STRANGER = { login: 'dara.yilmaz7@example.com', password: 'demo' };
const SCOPES = 'postgres:query:readonly s3:list jira:read incidents:read lesson';
const LEAST = 330;
// Longer than a reply ever takes here: the embedded database may be opened by the first call of all.
const DEADLINE_MS = 20_000;

const files = readdirSync(fixtures, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.wire'))
  .sort();
const requirements: { id: string }[] = JSON.parse(readFileSync(join(fixtures, 'requirements.json'), 'utf8'));
const clauseIds = new Set(requirements.map(({ id }) => id));

function spawnStdio(server: ServerName): ReturnType<NonNullable<Stage['spawnStdio']>> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'src/server.ts', '--stdio', '--only', server, '--tools', lesson],
    {
      cwd: root,
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  return { peer: new Peer(child.stdin, child.stdout), stop: () => void child.kill() };
}

/** An error whose report is its message alone: the stack would only repeat it. */
function failing(report: string): Error {
  const error = new Error(report);
  error.stack = 'Error';
  return error;
}

/** The session ids that were issued: visible ASCII each, and no two alike (2025-11-25/transports/053). */
const sessionIds = new Set<string>();
function checkSessionIds(traffic: Traffic[]): void {
  for (const { received } of traffic) {
    const [head = ''] = received.toString('latin1').split('\r\n\r\n', 1);
    for (const [, id = ''] of head.matchAll(/^mcp-session-id: ?(.*)$/gim)) {
      assert.match(id, /^[\x21-\x7e]{16,}$/);
      assert.not.ok(sessionIds.has(id), `session id ${id} was issued before`);
      sessionIds.add(id);
    }
  }
}

async function strangerAt({ addresses, readonly }: Governed): Promise<string> {
  const { authserver: issuer = '' } = addresses;
  return tokenFor({ issuer, resource: readonly.url.href, scope: SCOPES, approved: true, person: STRANGER });
}

async function strangerWriting({ addresses, destructive }: Governed): Promise<string> {
  const { authserver: issuer = '' } = addresses;
  return tokenFor({
    issuer,
    resource: destructive.url.href,
    scope: 'jira:write',
    approved: true,
    person: STRANGER,
  });
}

/** Signed in on the approval pages. */
async function approverAt({ addresses, destructive }: Governed): Promise<string> {
  return new ApproverPerson(destructive.url.origin, addresses.authserver ?? '').cookie();
}

let running: Governed;
let remembering: Governed;
let undecided: Governed;
let approvers: Partial<Record<ServerName, string>>;
let strangers: Partial<Record<ServerName, string>>;
test.before(async () => {
  running = await startGoverned(given, 'lesson');
  remembering = await startGoverned({ sessions: 3, ...limits, ...given }, 'lesson');
  undecided = await startGoverned({ policy: 'opa', opaUrl: 'http://127.0.0.1:9/' });
  strangers = {
    readonly: await strangerAt(running),
    sessions: await strangerAt(remembering),
    destructive: await strangerWriting(running),
  };
  approvers = { destructive: await approverAt(running), hasty: await approverAt(remembering) };
});
test.after(async () => {
  await Promise.all([running.close(), remembering.close(), undecided.close()]);
});

test('the lesson is large enough', () => {
  assert.ok(files.length >= LEAST, `${files.length} transcripts, expected at least ${LEAST}`);
});

const servers: { [Name in ServerName]: () => Governed } = {
  readonly: () => running,
  destructive: () => running,
  sessions: () => remembering,
  undecided: () => undecided,
  hasty: () => remembering,
  registry: () => running,
  authserver: () => running,
};

for (const file of files.filter((name) => name.includes(process.env.WIRE ?? ''))) {
  const path = join('spec-fixtures', file);
  const reading = readTranscript(readFileSync(join(fixtures, file), 'utf8'));
  const title = reading.kind === 'transcript' ? reading.transcript.title : 'cannot be read';
  test(`${path}: ${title}`, async () => {
    if (reading.kind === 'refused') throw failing(`${path}:${reading.line} ${reading.problem}`);
    const { clauses, transport, server } = reading.transcript;
    const unknown = clauses.filter((id) => !clauseIds.has(id));
    assert.equal(unknown, [], `${path} names clauses that requirements.json does not hold`);

    // `destructive` is the one beside the transcript's own server: what changes there is told here.
    const beside = server === 'sessions' || server === 'hasty' ? remembering : running;
    const addresses = {
      ...beside.addresses,
      sessions: remembering.addresses.readonly ?? '',
      undecided: undecided.addresses.readonly ?? '',
      hasty: remembering.addresses.destructive ?? '',
    };
    const tokens = {
      readonly: beside.readonly.token,
      destructive: beside.destructive.token,
      sessions: remembering.readonly.token,
      undecided: undecided.readonly.token,
      hasty: remembering.destructive.token,
      registry: beside.registry.token,
    };
    const records = (of: ServerName) =>
      of === 'destructive' || of === 'hasty'
        ? servers[of]().records('destructive')
        : servers[of]().records('readonly');
    const stage = { addresses, tokens, strangers, approvers, spawnStdio, records, deadlineMs: DEADLINE_MS };
    const { failure, traffic } = await play(reading.transcript, stage, path);
    if (failure !== undefined) throw failing(failure);
    checkSessionIds(traffic);
    for (const emitted of emittedIn(traffic, transport)) {
      const verdict = checkEmitted(emitted);
      if (typeof verdict === 'string') continue;
      const message = JSON.stringify(emitted.message, null, 2);
      throw failing(`${path}: ${verdict.problems.join('\n')}\n${message}`);
    }
  });
}

test.run();
