/** Feeds the metrics of a real server to the shipped alert rules, with Prometheus's own program. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { readSamples } from '../../src/services/exposition.js';
import { ROOT } from './process.js';
import { promtool } from './promtool.js';

export type Scrape = { atMs: number; text: string };

const MINUTE_S = 60;
/** Metrics whose value is a time. */
const MOMENT = /^barewire_(clock|certificate_expiry_timestamp)_seconds$/;

/**
 * Asserts that, of the alerts named in `expected`, those with true fire. The scrapes count as one a minute, and the last one as what
 * the server goes on to expose until then. promtool's clock starts at 0, so moments are moved as far as the scrapes are.
 */
export function assertAlerts(
  scrapes: readonly Scrape[],
  expected: { [alert: string]: boolean },
  minutes = scrapes.length + 10,
): void {
  const last = scrapes.at(-1);
  assert.ok(last);
  const series = new Map<string, string[]>();
  for (let minute = 0; minute < minutes; minute += 1) {
    const scrape = scrapes[minute] ?? last;
    for (const { name, labels, value } of readSamples(scrape.text)) {
      const written = Object.entries({ ...labels, job: 'barewire-readonly', instance: 'a' }).map(
        ([label, text]) => `${label}=${JSON.stringify(text)}`,
      );
      const key = `${name}{${written.join()}}`;
      const values = series.get(key) ?? Array.from<string>({ length: minutes }).fill('_');
      // A clock moves on, and the end of a certificate does not.
      const isRepeated = scrape === last && minute >= scrapes.length && name !== 'barewire_clock_seconds';
      const atS = MINUTE_S * (isRepeated ? scrapes.length - 1 : minute);
      values[minute] = String(MOMENT.test(name) ? value - scrape.atMs / 1_000 + atS : value);
      series.set(key, values);
    }
  }
  const names = Object.keys(expected).sort();
  const folder = mkdtempSync(join(tmpdir(), 'barewire-alerts-'));
  const file = join(folder, 'test.yml');
  const test = {
    interval: '1m',
    input_series: [...series].map(([key, values]) => ({ series: key, values: values.join(' ') })),
    promql_expr_test: [
      {
        expr: `count by (alertname) (ALERTS{alertstate="firing", alertname=~"${names.join('|')}"})`,
        eval_time: `${minutes - 1}m`,
        exp_samples: names
          .filter((name) => expected[name])
          .map((name) => ({ labels: `{alertname="${name}"}`, value: 1 })),
      },
    ],
  };
  writeFileSync(
    file,
    stringify({
      rule_files: [join(ROOT, 'src/app/monitoring/alerts.yml')],
      evaluation_interval: '1m',
      tests: [test],
    }),
  );
  try {
    promtool(['test', 'rules', file]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
