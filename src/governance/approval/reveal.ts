/**
 * What an approver sees: the arguments as the tool receives them. Everywhere else they are redacted, in the state as well, so
 * that two different people may both be `[email]` there. The real ones are stored encrypted until somebody decides, and shown on
 * the approval page alone, to a person who has signed in as an approver. The audit log records who saw them.
 */
import { canonicalJson } from '../../wire/jsonrpc/json.js';
import type { Sealer } from '../../wire/mcp/mcp-server.js';
import type { JsonObject } from '../../wire/value.js';
import { redact } from '../policy/redact.js';
import type { Approval } from './approval.js';

/** `never`: nobody sees them, and a call with masked arguments cannot be approved. */
export type Reveal = 'page' | 'never';
export type RevealOptions = { reveal?: Reveal | undefined; sealer?: (() => Sealer) | undefined };

/** The members of a new approval that hold its arguments. `id` is the approval's, and the ciphertext is bound to it. */
export async function hideArgs(
  args: JsonObject,
  id: string,
  ttlMs: number,
  { reveal, sealer }: RevealOptions,
): Promise<Pick<Approval, 'args' | 'masked' | 'sealed'>> {
  const redacted = redact(args);
  if (canonicalJson(redacted) === canonicalJson(args)) return { args: redacted };
  if (reveal === 'never' || sealer === undefined) return { args: redacted, masked: true };
  return {
    args: redacted,
    masked: true,
    sealed: await sealer().seal(JSON.stringify(args), about(id), ttlMs),
  };
}

/** Undefined when nothing is hidden, or nobody can see it any more. */
export async function realArgsOf(
  { id, sealed }: Approval,
  { reveal, sealer }: RevealOptions,
): Promise<unknown> {
  if (sealed === undefined || reveal === 'never') return undefined;
  const text = await sealer?.().open(sealed, about(id));
  return text === undefined ? undefined : JSON.parse(text);
}

const about = (id: string): string => `arguments of ${id}`;
