/** Finds records: tenant by tenant, and within a tenant in the order of time over all replicas. Memory holds one batch per replica. */
import { join } from 'node:path';
import { readRecords, type StoredRecord } from './lines.js';
import { type FolderFilter, foldersOf, logFilesOf } from './names.js';
import { type AuditRecord, issuerOf } from './record.js';

export type Query = FolderFilter & {
  user?: string | undefined;
  tool?: string | undefined;
  kind?: string | undefined;
  /** Only records of that moment and later. */
  since?: Date | undefined;
  /** Only records before that moment. */
  until?: Date | undefined;
  /** Only records that have one of these as the id of their call, approval, request or trace. */
  ids?: ReadonlySet<string> | undefined;
};

type Records = AsyncGenerator<StoredRecord, void, undefined>;

export async function* queryAudit(
  dir: string,
  query: Query,
  onUnreadable: (file: string, lines: number) => void = () => {},
): Records {
  const since = query.since?.toISOString() ?? '';
  for (const folder of await foldersOf(dir, query)) {
    const until = query.until?.toISOString() ?? '~';
    const files = (await logFilesOf(join(dir, folder))).filter(
      ({ day }) => day >= since.slice(0, 10) && day <= until.slice(0, 10),
    );
    for (const day of new Set(files.map((file) => file.day))) {
      const replicas = files
        .filter((file) => file.day === day)
        .map(({ file }) =>
          matchesIn(join(dir, folder, file), query, since, (lines) => onUnreadable(file, lines)),
        );
      yield* inOrderOfTime(replicas);
    }
  }
}

async function* matchesIn(
  path: string,
  { issuer, user, tool, kind, until, ids }: Query,
  since: string,
  onUnreadable: (lines: number) => void,
): Records {
  // A member has only one spelling, so most lines can be skipped without parsing them.
  const needles = Object.entries({ user, tool, kind }).flatMap(([name, value]) =>
    value === undefined ? [] : [`"${name}":${JSON.stringify(value)}`],
  );
  const idNeedles = ids && [...ids].map((id) => JSON.stringify(id));
  const mayMatch = (text: string) =>
    needles.every((needle) => text.includes(needle)) &&
    (idNeedles?.some((needle) => text.includes(needle)) ?? true);
  const end = until?.toISOString();
  for await (const { records, unreadable } of readRecords(path, 0, mayMatch)) {
    if (unreadable > 0) onUnreadable(unreadable);
    for (const stored of records) {
      const { record } = stored;
      if (
        record.time >= since &&
        (end === undefined || record.time < end) &&
        (ids === undefined || idsOf(record).some((id) => ids.has(id))) &&
        (issuer === undefined || issuerOf(record) === issuer) &&
        (user === undefined || record.principal?.user === user) &&
        (tool === undefined || record.tool === tool) &&
        (kind === undefined || record.kind === kind)
      )
        yield stored;
    }
  }
}

export function idsOf({ callId, approvalId, requestId, traceId }: AuditRecord): string[] {
  return [callId, approvalId, requestId, traceId].filter((id) => id !== undefined);
}

async function* inOrderOfTime(sources: Records[]): Records {
  const open: { source: Records; first: StoredRecord }[] = [];
  try {
    for (const source of sources) {
      const { value } = await source.next();
      if (value !== undefined) open.push({ source, first: value });
    }
    for (;;) {
      const [oldest] = open.sort((a, b) => (a.first.record.time < b.first.record.time ? -1 : 1));
      if (oldest === undefined) return;
      yield oldest.first;
      const { value } = await oldest.source.next();
      if (value === undefined) open.shift();
      else oldest.first = value;
    }
  } finally {
    // A caller who stops early leaves no file open.
    for (const source of sources) await source.return();
  }
}
