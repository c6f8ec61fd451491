/** Checks the signatures of a chain's head and of its tombstone, for verify.ts. The caller compares what they say with the records. */
import type { Report } from './chain.js';
import type { StoredHead } from './head.js';
import type { SeriesName } from './names.js';
import type { SignedHead, VerifyHead } from './signed-head.js';
import type { StoredTombstone } from './tombstone.js';

/** `log` is undefined for a folder that was moved. */
type Signer = SeriesName & { log: string | undefined; verifyHead: VerifyHead };

/** `newest` is the place of the chain's newest record. */
export async function checkHead(
  series: Signer,
  newest: number,
  storedHead: StoredHead | undefined,
  report: Report,
): Promise<void> {
  if (newest === 0) return;
  if (storedHead?.signed === undefined) return report('unsigned', 0, 'the chain has no signed head');
  const { signed, ...content } = storedHead;
  const head = await signedBy(series, 'head', signed, content, report);
  const later = newest - (head?.seq ?? newest);
  if (head !== undefined && later > 0)
    report('notice', 0, `${later} records after the signed head of ${head.time} have no signature`);
}

export async function checkTombstone(
  series: Signer,
  { signed, ...content }: StoredTombstone,
  report: Report,
): Promise<void> {
  if (signed === undefined) return report('unsigned', 0, 'the tombstone has no signature');
  await signedBy(series, 'tombstone', signed, content, report);
}

/** The signed statement, if it is about this chain and says what the file says. */
async function signedBy(
  { log, folder, replica, verifyHead }: Signer,
  type: 'head' | 'tombstone',
  jws: string,
  content: object,
  report: Report,
): Promise<SignedHead | undefined> {
  const statement = await verifyHead(jws, type);
  if ('problem' in statement) {
    report('unsigned', 0, `the signature of the ${type} does not count: ${statement.problem}`);
    return undefined;
  }
  const expected = { ...content, folder, replica, log: log ?? statement.log };
  const members = new Map(Object.entries(statement));
  if (Object.entries(expected).every(([name, value]) => members.get(name) === value)) return statement;
  report('unsigned', 0, `the signature is of another ${type}`);
  return undefined;
}
