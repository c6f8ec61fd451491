/** What a check finds out, as data. text.ts and machine.ts print it. */
import type { Clause } from '../../lesson/annotations/clauses.js';
import type { Mistake } from '../../lesson/player/play.js';
import type { Era } from '../../wire/revisions.js';
import type { JsonObject } from '../../wire/value.js';
import type { StageName } from './transcripts.js';

/** A violated MUST is an error, a violated SHOULD a warning. */
export type Severity = 'error' | 'warning';

export type Failure = {
  severity: Severity;
  clauses: Clause[];
  /** The bytes of the exchange that differs. */
  sent: string;
  received: string;
  /** As the transcript writes it. */
  expected: string;
  /** The first ones. */
  differences: Mistake[];
  /** How many more there are. */
  moreDifferences?: number;
  /** Reproduces the request. Undefined on stdio, and for what curl cannot send. */
  curl: string | undefined;
};

export type Result = {
  file: string;
  stage: StageName;
  title: string;
  /** The era in which it was played; undefined if that makes no difference. */
  era: Era | undefined;
  clauses: string[];
} & (
  | { kind: 'passed' }
  | { kind: 'failed'; failure: Failure }
  /** `reason` says what the server does not offer, or what kept the transcript from its point. */
  | { kind: 'skipped'; reason: string }
);

/** A clause that traffic violated, whatever transcript it belonged to. */
export type Finding = {
  severity: Severity;
  clause: Clause;
  where: string;
  expected: string;
  received: string;
  /** The transcript or the question of this check during which it first happened. */
  during: string;
  times: number;
};

/** What a server offers in one era. */
export type Offer = {
  era: Era;
  revision: string;
  server: JsonObject;
  capabilities: JsonObject;
  /** Undefined without the capability. */
  tools?: JsonObject[];
  resources?: JsonObject[];
  templates?: JsonObject[];
  prompts?: JsonObject[];
};

export type Report = {
  target: string;
  offers: Offer[];
  /** Revisions that the server speaks, as far as it says. */
  revisions: string[];
  /** The tool that is called, with its arguments; or why none is. */
  tool: { name: string; arguments: JsonObject } | { none: string };
  results: Result[];
  findings: Finding[];
  unobservable: number;
};

export function countOf(report: Report): {
  passed: number;
  errors: number;
  warnings: number;
  skipped: number;
} {
  const severities = [
    ...report.results.flatMap((result) => (result.kind === 'failed' ? [result.failure.severity] : [])),
    ...report.findings.map(({ severity }) => severity),
  ];
  return {
    passed: report.results.filter(({ kind }) => kind === 'passed').length,
    errors: severities.filter((severity) => severity === 'error').length,
    warnings: severities.filter((severity) => severity === 'warning').length,
    skipped: report.results.filter(({ kind }) => kind === 'skipped').length,
  };
}

/** An implied duty is not in the specification word for word, so nobody fails for it. */
export function severityOf(clauses: readonly Clause[]): Severity {
  return clauses.some(({ level, implied }) => level.startsWith('MUST') && !implied) ? 'error' : 'warning';
}
