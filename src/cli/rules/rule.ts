/**
 * A rule is one row: the clause in each revision that demands it, and a function that looks for what breaks it. Tables of rules are
 * compiled into one list for each revision, kind of message and method, so that a message meets only the rules that may apply.
 */
import { type Revision, SUPPORTED } from '../../wire/revisions.js';
import type { Side, Violation } from './violation.js';

export type Finding = { where: string; expected: string; received: string };
export type Kind = 'request' | 'notification' | 'result' | 'error';

/** The clause of a rule, by revision. A revision without one does not demand it. */
export type Citation = {
  /** The clause of 2026-07-28. */
  modern?: string;
  /** The clause of the legacy revisions: of all of them, or of some. */
  legacy?: string | Clauses;
};
export type Clauses = { readonly [R in Revision]?: string };

export type Rule<Fact> = Citation & {
  /** The rule applies to this kind of message; to every kind by default. */
  on?: Kind | readonly Kind[];
  /** To these methods. A result and an error have the method of the request that they answer. */
  method?: string | readonly string[];
  /** To what this side sends. */
  by?: Side;
  /** What breaks the rule; undefined or nothing if it holds, or cannot be judged. */
  judge: (fact: Fact) => Finding | readonly Finding[] | undefined;
};

/** The messages that most rules are about. */
export const CLIENT_REQUEST = { on: 'request', by: 'client' } as const;
export const SERVER_RESULT = { on: 'result', by: 'server' } as const;
export const SERVER_ERROR = { on: 'error', by: 'server' } as const;
export const SERVER_NOTIFICATION = { on: 'notification', by: 'server' } as const;

/** What is common to all that rules judge. */
export type BaseFact = { by: Side; revision: Revision };

/** The clause holds in this legacy revision and in those after it. */
export function since(first: Revision, clause: string): Clauses {
  const late = SUPPORTED.slice(1, SUPPORTED.indexOf(first) + 1);
  return Object.fromEntries(late.map((revision) => [revision, clause]));
}

export function clauseIn({ modern, legacy }: Citation, revision: Revision): string | undefined {
  if (revision === SUPPORTED[0]) return modern;
  return typeof legacy === 'string' ? legacy : legacy?.[revision];
}

type CitedRule<Fact> = { clause: string; rule: Rule<Fact> };
type Lists<Fact> = { any: CitedRule<Fact>[]; of: Map<string, CitedRule<Fact>[]> };

const KINDS: readonly Kind[] = ['request', 'notification', 'result', 'error'];

export type Judge<Fact extends BaseFact> = (
  fact: Fact,
  kind: Kind | undefined,
  method: string,
) => Violation[];

export function compile<Fact extends BaseFact>(rules: readonly Rule<Fact>[]): Judge<Fact> {
  const lists = new Map<string, Lists<Fact>>();
  const keyOf = (revision: Revision, by: Side, kind: Kind | undefined): string => `${revision} ${by} ${kind}`;
  for (const revision of SUPPORTED) {
    for (const by of ['client', 'server'] as const) {
      for (const kind of [...KINDS, undefined]) {
        lists.set(keyOf(revision, by, kind), listsFor(rules, revision, by, kind));
      }
    }
  }
  return (fact, kind, method) => {
    const violations: Violation[] = [];
    const applicable = lists.get(keyOf(fact.revision, fact.by, kind));
    for (const citedRule of applicable?.any ?? []) run(citedRule, fact, violations);
    for (const citedRule of applicable?.of.get(method) ?? []) run(citedRule, fact, violations);
    return violations;
  };
}

function listsFor<Fact>(
  rules: readonly Rule<Fact>[],
  revision: Revision,
  by: Side,
  kind: Kind | undefined,
): Lists<Fact> {
  const any: CitedRule<Fact>[] = [];
  const of = new Map<string, CitedRule<Fact>[]>();
  for (const rule of rules) {
    const clause = clauseIn(rule, revision);
    if (clause === undefined || (rule.by !== undefined && rule.by !== by)) continue;
    if (rule.on !== undefined && (kind === undefined || ![rule.on].flat().includes(kind))) continue;
    if (rule.method === undefined) any.push({ clause, rule });
    else for (const name of [rule.method].flat()) of.set(name, [...(of.get(name) ?? []), { clause, rule }]);
  }
  return { any, of };
}

function run<Fact extends BaseFact>(
  { clause, rule }: CitedRule<Fact>,
  fact: Fact,
  violations: Violation[],
): void {
  const findings = rule.judge(fact);
  if (findings === undefined) return;
  for (const { where, expected, received } of [findings].flat() as Finding[])
    violations.push({ clause, side: fact.by, where, expected, received });
}
