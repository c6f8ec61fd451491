/**
 * Writes the demo buckets to a folder that s3.list can serve: the same 120 objects with the same bytes and times on every
 * machine, so that a walkthrough can show exact replies.
 */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const TEAMS = ['finance', 'growth', 'operations'];
const SERVICES = ['checkout', 'ledger', 'payments-api'];
const MONTHS = Array.from({ length: 12 }, (_, month) => String(month + 1).padStart(2, '0'));
const DAYS = Array.from({ length: 15 }, (_, day) => String(day + 1).padStart(2, '0'));

type DemoObject = { path: string; text: string; modified: string };

/** 75 objects in `reports` and 45 in `logs`; existing files are overwritten. At once: waiting for each of them took five times as long. */
export function writeDemoBuckets(root: string): void {
  for (const { path, text, modified } of [...reports(), ...logs()]) {
    const file = join(root, ...path.split('/'));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    utimesSync(file, new Date(modified), new Date(modified));
  }
}

function* reports(): Generator<DemoObject> {
  for (const team of TEAMS) {
    const about = { path: `reports/${team}/README.md`, modified: '2025-01-02T09:00:00Z' };
    yield { ...about, text: `# Reports of ${team}\n\nOne summary and one table a month.\n` };
    for (const month of MONTHS) {
      const folder = `reports/${team}/2025/${month}`;
      const modified = `2025-${month}-28T18:30:00Z`;
      yield {
        path: `${folder}-summary.md`,
        text: `# ${team}, 2025-${month}\n\nAll targets met.\n`,
        modified,
      };
      yield {
        path: `${folder}/figures.csv`,
        text: `month,orders\n2025-${month},${1000 + 37 * Number(month)}\n`,
        modified,
      };
    }
  }
}

function* logs(): Generator<DemoObject> {
  for (const service of SERVICES) {
    for (const day of DAYS) {
      const modified = `2026-01-${day}T23:59:59Z`;
      const lines = Array.from(
        { length: Number(day) },
        (_, n) => `2026-01-${day}T00:00:${String(n).padStart(2, '0')}Z ok\n`,
      );
      yield { path: `logs/${service}/2026-01-${day}.log`, text: lines.join(''), modified };
    }
  }
}
