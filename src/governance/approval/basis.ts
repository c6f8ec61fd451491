/**
 * What an approved call rests on besides its arguments: the tool as it is defined, the version of the server, and the policy. A
 * person approved these too, so when one of them changes before the call runs, the approval does not count.
 */
import { hash } from 'node:crypto';
import { canonicalJson } from '../../wire/jsonrpc/json.js';
import type { Tool } from '../../wire/mcp/definitions.js';
import type { McpServer } from '../../wire/mcp/mcp-server.js';
import { isRecord } from '../../wire/value.js';

/** `tool` is the SHA-256 of the definition and the handler's code, `policy` that of what the policy says of itself. */
export type Basis = { tool: string; version: string; policy: string };

/** For a sentence: "the policy has changed since". */
const WORDS = { tool: 'the tool', version: "the server's version", policy: 'the policy' } as const;
export type ChangedPart = (typeof WORDS)[keyof typeof WORDS];

export function basisOf(tool: Tool, { info, policy }: Pick<McpServer, 'info' | 'policy'>): Basis {
  return { tool: digestOf(tool), version: info.version, policy: hash('sha256', policy?.revision?.() ?? '') };
}

/** What has changed; undefined if nothing has. A row from before bases were stored rests on another version. */
export function changeOf(before: Basis | undefined, now: Basis | undefined): ChangedPart | undefined {
  if (before === undefined || now === undefined) return before === now ? undefined : WORDS.version;
  for (const name of ['version', 'tool', 'policy'] as const)
    if (before[name] !== now[name]) return WORDS[name];
  return undefined;
}

export function isBasis(value: unknown): value is Basis {
  return isRecord(value) && ['tool', 'version', 'policy'].every((name) => typeof value[name] === 'string');
}

/** The code of the handler counts, because a tool may do something else under the same definition. */
function digestOf({ handler, ...definition }: Tool): string {
  // As JSON, because a definition may hold a date or a function.
  const plain: unknown = JSON.parse(JSON.stringify(definition));
  return hash('sha256', canonicalJson([plain, String(handler)]));
}
