/** What is counted of a load: each attempt as it ends, by second, by phase and by replica; and the table of it. */

/**
 * `broken`: the connection broke, or the proxy said so, and the client tried again. `refused`: a server said no. `wrong`:
 * an answer to something else. `lost`: never answered, however often it was tried.
 */
export type Outcome = 'answered' | 'broken' | 'refused' | 'wrong' | 'lost';
export type Attempt = {
  atMs: number;
  outcome: Outcome;
  by: string | undefined;
  tookMs: number;
  why?: string;
};
export type Phase = { name: string; fromMs: number; toMs: number };
export type Row = {
  phase: string;
  perSecond: number;
  medianMs: number;
  p99Ms: number;
  broken: number;
  refused: number;
  wrong: number;
  lost: number;
  /** Answers by replica, in parts of a hundred. */
  shares: { [replica: string]: number };
};

export function rowOf({ name, fromMs, toMs }: Phase, attempts: readonly Attempt[]): Row {
  const within = attempts.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  const count = (outcome: Outcome): number => within.filter((one) => one.outcome === outcome).length;
  const answered = within.filter(({ outcome }) => outcome === 'answered');
  const took = answered.map(({ tookMs }) => tookMs).sort((one, other) => one - other);
  const at = (part: number): number => Math.round(took[Math.floor(took.length * part)] ?? 0);
  const shares: { [replica: string]: number } = {};
  for (const { by = '?' } of answered) shares[by] = (shares[by] ?? 0) + 100 / answered.length;
  return {
    phase: name,
    perSecond: Math.round((answered.length * 1_000) / (toMs - fromMs)),
    medianMs: at(0.5),
    p99Ms: at(0.99),
    broken: count('broken'),
    refused: count('refused'),
    wrong: count('wrong'),
    lost: count('lost'),
    shares,
  };
}

export type Second = { answered: { [replica: string]: number }; broken: number; refused: number };

export function secondsOf(attempts: readonly Attempt[], untilMs: number): Second[] {
  const seconds = Array.from(
    { length: Math.floor(untilMs / 1_000) },
    (): Second => ({ answered: {}, broken: 0, refused: 0 }),
  );
  for (const { atMs, outcome, by = '?' } of attempts) {
    const second = seconds[Math.floor(atMs / 1_000)];
    if (second === undefined) continue;
    if (outcome === 'answered') second.answered[by] = (second.answered[by] ?? 0) + 1;
    else if (outcome === 'broken') second.broken += 1;
    else second.refused += 1;
  }
  return seconds;
}

export function tableOf(rows: readonly Row[]): string {
  const head = [
    'phase',
    'calls/s',
    'median ms',
    '99 % ms',
    'broken',
    'refused',
    'wrong',
    'lost',
    'by replica',
  ];
  const cells = rows.map(({ phase, perSecond, medianMs, p99Ms, broken, refused, wrong, lost, shares }) => {
    const names = Object.keys(shares).sort();
    const by = names.map((name) => `${name} ${Math.round(shares[name] ?? 0)} %`).join(', ');
    return [phase, ...[perSecond, medianMs, p99Ms, broken, refused, wrong, lost].map(String), by];
  });
  const widths = head.map((title, at) => Math.max(title.length, ...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string => {
    const padded = row.map((cell, at) =>
      at === 0 || at === row.length - 1 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
    );
    return padded.join('  ').trimEnd();
  };
  return [head, ...cells].map(line).join('\n');
}
