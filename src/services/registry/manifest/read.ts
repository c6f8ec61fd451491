/**
 * Reads a manifest that somebody else wrote: first what has no canonical text, then the schema, then what a schema
 * cannot say. Whether the server behind it is what the manifest tells is for the registry to find out.
 */
import { type Check, compileSchema } from '../../../wire/schema/compile.js';
import type { Problem } from '../../../wire/schema/problem.js';
import { preview, shorten } from '../../../wire/value.js';
import { manifestDigest, toolDigest } from './digest.js';
import type { Manifest } from './manifest.js';
import { MANIFEST_SCHEMA } from './schema.js';

export type ReadResult =
  /** The value that was read, members included that no schema names. */
  { kind: 'manifest'; manifest: Manifest } | { kind: 'refused'; problems: readonly Problem[] };

const MAX_DEPTH = 64;
const HALF_A_PAIR = /\p{Surrogate}/u;

let compiled: Check | undefined;

/** `value` is what `JSON.parse` gave; problems carry JSON pointers into it, and `problemText` makes sentences of them. */
export function readManifest(value: unknown): ReadResult {
  const problems: Problem[] = [];
  if (!isManifest(value, problems)) return { kind: 'refused', problems };
  problems.push(...addressProblems(value), ...toolProblems(value));
  const right = manifestDigest(value);
  if (value.digest !== right) problems.push(wrongDigest('/digest', right, value.digest));
  return problems.length === 0 ? { kind: 'manifest', manifest: value } : { kind: 'refused', problems };
}

function isManifest(value: unknown, problems: Problem[]): value is Manifest {
  compiled ??= compileSchema('the schema of manifests', MANIFEST_SCHEMA);
  const problem = unwritable(value, MAX_DEPTH) ?? compiled(value);
  if (problem !== undefined) problems.push(problem);
  return problem === undefined;
}

/** What RFC 8785 has no text for (section 3.2.2), and what is too deep to walk: neither can have a digest. */
function unwritable(value: unknown, left: number): Problem | undefined {
  if (typeof value === 'number' && !Number.isFinite(value))
    return { pointer: '', expected: 'a number that a double can hold', received: String(value) };
  if (typeof value === 'string' && HALF_A_PAIR.test(value))
    return { pointer: '', expected: 'text of whole characters', received: `string ${preview(value)}` };
  if (typeof value !== 'object' || value === null) return undefined;
  if (left === 0) return { pointer: '', expected: `at most ${MAX_DEPTH} levels of JSON`, received: 'more' };
  for (const [key, member] of Object.entries(value)) {
    const problem = unwritable(member, left - 1) ?? unwritable(key, 0);
    if (problem !== undefined) return { ...problem, pointer: `/${step(key)}${problem.pointer}` };
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
    const right = toolDigest(tool);
    if (tool.digest !== right) problems.push(wrongDigest(`/tools/${at}/digest`, right, tool.digest));
  }
  return problems;
}

function wrongDigest(pointer: string, right: string, received: string): Problem {
  return { pointer, expected: `${right}, the digest of what is said here`, received };
}

// RFC 6901: ~ and / inside a member's name.
function step(key: string): string {
  return shorten(key, 60).replaceAll('~', '~0').replaceAll('/', '~1');
}
