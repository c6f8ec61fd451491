/** Finds records: tenant by tenant, and within one in the order of time over all replicas. Memory holds one per replica. */
import { join } from 'node:path';
import { foldersOf, logFilesOf } from './names.js';
import { issuerOf, readRecords, type Stored } from './read.js';

export type Query = {
  tenant?: string | undefined;
  /** The tenant's issuer; every issuer by default. */
  issuer?: string | undefined;
  user?: string | undefined;
  tool?: string | undefined;
  kind?: string | undefined;
  /** Records of that moment and later. */
  since?: Date | undefined;
};

export async function* queryAudit(
  dir: string,
  query: Query,
  onUnreadable: (file: string, lines: number) => void = () => {},
): AsyncGenerator<Stored, void, undefined> {
  const since = query.since?.toISOString() ?? '';
  for (const folder of await foldersOf(dir, query)) {
    const files = (await logFilesOf(join(dir, folder))).filter(({ day }) => day >= since.slice(0, 10));
    for (const day of new Set(files.map((one) => one.day))) {
      const replicas = files
        .filter((one) => one.day === day)
        .map(({ file }) =>
          found(join(dir, folder, file), query, since, (lines) => onUnreadable(file, lines)),
        );
      yield* inOrderOfTime(replicas);
    }
  }
}

async function* found(
  path: string,
  query: Query,
  since: string,
  onUnreadable: (lines: number) => void,
): AsyncGenerator<Stored, void, undefined> {
  // A record's members have one spelling only: most lines need not be parsed to be passed over.
  const needles = [member('user', query.user), member('tool', query.tool), member('kind', query.kind)].flat();
  const wanted = (text: string) => needles.every((needle) => text.includes(needle));
  for await (const { stored, unreadable } of readRecords(path, 0, wanted)) {
    if (unreadable > 0) onUnreadable(unreadable);
    for (const one of stored) if (matches(one, query, since)) yield one;
  }
}

function matches({ record }: Stored, { issuer, user, tool, kind }: Query, since: string): boolean {
  return (
    record.time >= since &&
    (issuer === undefined || issuerOf(record) === issuer) &&
    (user === undefined || record.principal?.user === user) &&
    (tool === undefined || record.tool === tool) &&
    (kind === undefined || record.kind === kind)
  );
}

const member = (name: string, value: string | undefined) =>
  value === undefined ? [] : [`"${name}":${JSON.stringify(value)}`];

async function* inOrderOfTime(
  sources: AsyncGenerator<Stored, void, undefined>[],
): AsyncGenerator<Stored, void, undefined> {
  const open: { source: AsyncGenerator<Stored, void, undefined>; first: Stored }[] = [];
  try {
    for (const source of sources) {
      const { value } = await source.next();
      if (value !== undefined) open.push({ source, first: value });
    }
    for (;;) {
      const [one] = open.sort((a, b) => (a.first.record.time < b.first.record.time ? -1 : 1));
      if (one === undefined) return;
      yield one.first;
      const { value } = await one.source.next();
      if (value === undefined) open.shift();
      else one.first = value;
    }
  } finally {
    // Whoever stops asking early leaves no file open.
    for (const source of sources) await source.return();
  }
}
