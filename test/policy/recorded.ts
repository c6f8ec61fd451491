/** The recorded outcomes of spec-fixtures/reference, read and with their long strings written out. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PolicyServer, PolicyToken } from '../../src/governance/policy/question.js';
import { isRecord } from '../../src/wire/value.js';

type Flags = { js_lossy?: true; js_text_differs?: true; arguable_bug?: true; stricter_may_differ?: true };
type Common = Flags & { id: string; group: string; note?: string };

export type PolicyCase = Common & {
  server: string;
  tool: string;
  token: PolicyToken & { approved_at: number };
  args: unknown;
  now: number;
  payload_chars: number;
  expect: { allow: boolean; reason: string };
};
export type FreshCase = Common & {
  scopes: string[];
  approved_at: number;
  now: number;
  window_s?: number;
  expect: boolean;
};
export type RedactCase = Common & { payload: unknown; expect?: unknown; expect_raises?: unknown };
export type BeyondCase = { id: string; kind: string; payload: unknown };

type RecordedTool = { name: string; required_scope: string; destructive: boolean };

const folder = new URL('../../spec-fixtures/reference/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(fileURLToPath(new URL(name, folder)), 'utf8'));

export function policyCases(): { servers: Map<string, PolicyServer>; cases: PolicyCase[] } {
  const file: { servers: { [key: string]: { name: string; tools: RecordedTool[] } }; cases: PolicyCase[] } =
    read('policy.json');
  const servers = Object.entries(file.servers).map(([key, { name, tools }]): [string, PolicyServer] => [
    key,
    { name, tools: new Map(tools.map((tool) => [tool.name, tool])) },
  ]);
  return {
    servers: new Map(servers),
    cases: file.cases.map((recorded) => ({ ...recorded, args: expand(recorded.args) })),
  };
}

export const freshCases = (): FreshCase[] => read('fresh_approval.json').cases;

export function redactCases(): { cases: RedactCase[]; beyond: BeyondCase[] } {
  const { cases, redact_beyond } = read('redact.json');
  return { cases, beyond: redact_beyond };
}

/** `{"$repeat": [unit, n]}` stands for the unit written n times. */
export function expand(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(expand);
  if (!isRecord(value)) return value;
  const { $repeat } = value;
  if (Array.isArray($repeat) && Object.keys(value).length === 1) {
    return String($repeat[0]).repeat(Number($repeat[1]));
  }
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, expand(member)]));
}
