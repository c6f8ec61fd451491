/**
 * Every clause that a transcript for any server names is proved: a server that violates it, and is honest otherwise, fails with
 * that very clause. Most violations are those with which test/proof/ proves the transcripts of the lesson.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ViolatingProxy } from '../proof/proxy.js';
import { PROOFS } from '../proof/table.js';
import { isMutation, type Violation } from '../proof/violation.js';
import { type Governed, type Guarded, startGoverned } from '../support/governed.js';
import { checked, ENTRIES, failuresIn, violatedIn } from './checked.js';
import { VIOLATIONS } from './violations.js';

const test = suite('check/proof');
const QUIET_MS = 300;
const TIMEOUT_MS = 5_000;
/** What a proxy cannot show, and where it is shown instead. */
const ELSEWHERE: { [clause: string]: string } = {
  '2025-11-25/logging/003': 'broken.test.ts',
  '2025-11-25/logging/004': 'broken.test.ts',
  '2025-11-25/transports/030': 'broken.test.ts',
  '2026-07-28/authorization/037': 'broken.test.ts',
  '2026-07-28/cancellation/017': 'broken.test.ts',
  '2026-07-28/stdio/013': 'stdio.test.ts',
  '2026-07-28/streamable-http/036': 'broken.test.ts',
  '2026-07-28/streamable-http/082': 'broken.test.ts',
  '2026-07-28/streamable-http/083': 'broken.test.ts',
  '2026-07-28/streamable-http/084': 'broken.test.ts',
  '2026-07-28/versioning/011': 'broken.test.ts',
  '2026-07-28/versioning/016': 'broken.test.ts',
};
/** No client can know that an empty list is not true. */
const UNSEEN = ['sends /result/tools as []', 'sends /result/prompts as []', 'sends /result/resources as []'];

let plain: Governed;
let remembering: Governed;
test.before(async () => {
  plain = await startGoverned();
  remembering = await startGoverned({ sessions: 1_000 });
});
test.after(async () => {
  await plain.close();
  await remembering.close();
});

const clauses = [...new Set(ENTRIES.flatMap(({ transcript }) => transcript.clauses))].sort();

function violationsOf(clause: string): Violation[] {
  const proofs = [VIOLATIONS[clause] ?? [], PROOFS[clause] ?? []].flat();
  return proofs.filter((proof): proof is Violation => !isMutation(proof) && !UNSEEN.includes(proof.does));
}

/** Undefined if the transcripts give no occasion for the violation. */
async function isNoticed(
  violation: Violation,
  clause: string,
  { url, token }: Guarded,
): Promise<string | undefined> {
  const proxy = new ViolatingProxy(violation, QUIET_MS);
  const entries = ENTRIES.filter(({ transcript }) => transcript.clauses.includes(clause));
  const report = await checked(url, { token, entries, through: proxy.through, timeoutMs: TIMEOUT_MS });
  proxy.close();
  if (proxy.altered.size === 0) return undefined;
  if (violatedIn(report).includes(clause)) return 'noticed';
  return `a server that ${violation.does}: ${failuresIn(report).join('; ') || 'nothing fails'}`;
}

for (const clause of clauses.filter((one) => ELSEWHERE[one] === undefined))
  test(`${clause}: a server that violates it fails`, async () => {
    const seen: string[] = [];
    for (const violation of violationsOf(clause)) {
      // Only one of them keeps sessions, and only one has no completion.
      let outcome: string | undefined;
      for (const server of [plain.readonly, remembering.readonly, plain.destructive])
        outcome ??= await isNoticed(violation, clause, server);
      if (outcome !== undefined) seen.push(outcome);
    }
    assert.ok(seen.length > 0, 'no violation finds an occasion');
    assert.equal(
      seen.filter((outcome) => outcome !== 'noticed'),
      [],
    );
  });

test('a clause that is shown elsewhere is named by a transcript', () => {
  assert.equal(
    Object.keys(ELSEWHERE).filter((clause) => !clauses.includes(clause)),
    [],
  );
});

test.run();
