/** A check as JSON, and as the XML that build servers read (JUnit). */
import { problemOf } from './play.js';
import { countOf, type Failure, type Report } from './report.js';
import { STAGES } from './transcripts.js';

export function jsonOf(report: Report): string {
  return JSON.stringify({ counts: countOf(report), ...report }, null, 2);
}

/** Every stage is a suite. A violated SHOULD is no failure, so it goes to the output of its case. */
export function junitOf(report: Report): string {
  const suites = STAGES.flatMap((stage) => {
    const results = report.results.filter((result) => result.stage === stage);
    if (results.length === 0) return [];
    const cases = results.map((result) => {
      const open = `    <testcase classname="${xml(stage)}" name="${xml(`${result.file}: ${result.title}`)}"`;
      if (result.kind === 'passed') return `${open}/>`;
      if (result.kind === 'skipped') return `${open}><skipped message="${xml(result.reason)}"/></testcase>`;
      const { failure } = result;
      const text = xml(summaryOf(failure));
      return failure.severity === 'error'
        ? `${open}><failure message="${xml(failure.clauses[0]?.summary ?? '')}">${text}</failure></testcase>`
        : `${open}><system-out>${text}</system-out></testcase>`;
    });
    const failures = cases.filter((text) => text.includes('<failure')).length;
    return [suiteOf(stage, cases, failures)];
  });
  if (report.findings.length > 0) {
    const cases = report.findings.map(({ clause, severity, where, expected, received }) => {
      const open = `    <testcase classname="traffic" name="${xml(clause.id)}">`;
      const text = xml(`${clause.summary}\n${where}: expected ${expected}, received ${received}`);
      return severity === 'error'
        ? `${open}<failure message="${xml(clause.summary)}">${text}</failure></testcase>`
        : `${open}<system-out>${text}</system-out></testcase>`;
    });
    suites.push(suiteOf('traffic', cases, cases.filter((text) => text.includes('<failure')).length));
  }
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="barewire check">\n${suites.join('\n')}\n</testsuites>`;
}

function suiteOf(name: string, cases: readonly string[], failures: number): string {
  const skippedCount = cases.filter((text) => text.includes('<skipped')).length;
  return `  <testsuite name="${name}" tests="${cases.length}" failures="${failures}" skipped="${skippedCount}">\n${cases.join('\n')}\n  </testsuite>`;
}

function summaryOf({
  clauses,
  differences,
  moreDifferences,
  sent,
  received,
  expected,
  curl,
}: Failure): string {
  return [
    ...clauses.map(({ id, level, summary, url }) => `${level} ${id}: ${summary}\n${url}`),
    ...differences.map(problemOf),
    ...(moreDifferences === undefined ? [] : [`… ${moreDifferences} more differences`]),
    `sent:\n${sent}`,
    `received:\n${received}`,
    `expected:\n${expected}`,
    ...(curl === undefined ? [] : [curl]),
  ].join('\n\n');
}

/** XML 1.0 has no way to write most control characters. */
function xml(text: string): string {
  const escapes: { [char: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text
    .replace(/[^\t\n\x20-\ud7ff\ue000-\ufffd]/g, '?')
    .replace(/[&<>"]/g, (char) => escapes[char] ?? char);
}
