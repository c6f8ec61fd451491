/**
 * Validates a manifest that somebody else wrote: first values without a canonical text, then the schema, then what a schema
 * cannot express. The registry checks whether the server matches it.
 */
import { type Check, compileSchema } from '../../../wire/schema/compile.js';
import type { Problem } from '../../../wire/schema/problem.js';
import { pointerPart, preview, shorten } from '../../../wire/value.js';
import { documentDigest } from './digest.js';
import type { Manifest } from './manifest.js';
import { plainlyFits } from './plainly-fits.js';
import { MANIFEST_SCHEMA } from './schema.js';

export type ReadResult =
  /** Includes members that the schema does not name. */
  { kind: 'manifest'; manifest: Manifest } | { kind: 'refused'; problems: readonly Problem[] };

const MAX_DEPTH = 64;
const HALF_SURROGATE = /\p{Surrogate}/u;

let check: Check | undefined;

/**
 * `value` is a parsed JSON value. Problems contain JSON pointers into it.
 *
 * @param isOwn it is read once, when its server starts
 */
export function readManifest(value: unknown, isOwn = false): ReadResult {
  const problems: Problem[] = [];
  if (!isManifest(value, problems, isOwn)) return { kind: 'refused', problems };
  problems.push(...addressProblems(value), ...toolProblems(value));
  problems.push(...digestProblems('/digest', documentDigest(value), value.digest));
  return problems.length === 0 ? { kind: 'manifest', manifest: value } : { kind: 'refused', problems };
}

function isManifest(value: unknown, problems: Problem[], isOwn: boolean): value is Manifest {
  const problem = findUndigestible(value, MAX_DEPTH) ?? misfit(value, isOwn);
  if (problem !== undefined) problems.push(problem);
  return problem === undefined;
}

function misfit(value: unknown, isOwn: boolean): Problem | undefined {
  if (isOwn && plainlyFits(MANIFEST_SCHEMA, value)) return undefined;
  check ??= compileSchema('the schema of manifests', MANIFEST_SCHEMA, true);
  return check(value);
}

/** A value that RFC 8785 has no text for (section 3.2.2), or that is too deep, can have no digest. */
function findUndigestible(value: unknown, depthLeft: number): Problem | undefined {
  if (typeof value === 'number' && !Number.isFinite(value))
    return { pointer: '', expected: 'a number that a double can hold', received: String(value) };
  if (typeof value === 'string' && HALF_SURROGATE.test(value))
    return { pointer: '', expected: 'text of whole characters', received: `string ${preview(value)}` };
  if (typeof value !== 'object' || value === null) return undefined;
  if (depthLeft === 0)
    return { pointer: '', expected: `at most ${MAX_DEPTH} levels of JSON`, received: 'more' };
  for (const [key, member] of Object.entries(value)) {
    const problem = findUndigestible(member, depthLeft - 1) ?? findUndigestible(key, 0);
    if (problem !== undefined)
      return { ...problem, pointer: pointerPart(shorten(key, 60)) + problem.pointer };
  }
  return undefined;
}

function addressProblems({ url, auth }: Manifest): Problem[] {
  const addresses: [pointer: string, address: string][] = [['/url', url]];
  if (auth !== undefined) {
    addresses.push(['/auth/resourceMetadata', auth.resourceMetadata]);
    addresses.push(...auth.issuers.map((issuer, at): [string, string] => [`/auth/issuers/${at}`, issuer]));
  }
  return addresses
    .filter(([, address]) => !URL.canParse(address))
    .map(([pointer, address]) => ({ pointer, expected: 'a URL', received: `string ${preview(address)}` }));
}

function toolProblems({ tools }: Manifest): Problem[] {
  const problems: Problem[] = [];
  const names = new Set<string>();
  for (const [at, tool] of tools.entries()) {
    if (names.has(tool.name)) {
      const received = `string ${preview(tool.name)}`;
      problems.push({ pointer: `/tools/${at}/name`, expected: 'a name that no other tool has', received });
    }
    names.add(tool.name);
    problems.push(...digestProblems(`/tools/${at}/digest`, documentDigest(tool), tool.digest));
  }
  return problems;
}

function digestProblems(pointer: string, digest: string, received: string): Problem[] {
  if (received === digest) return [];
  return [{ pointer, expected: `${digest}, the digest of what is said here`, received }];
}
