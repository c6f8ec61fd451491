/**
 * s3.list: a folder listed the way Amazon S3's ListObjectsV2 lists a bucket. Each folder in `root` is a bucket;
 * finding the keys is in s3/walk.ts, here they become pages, objects and common prefixes.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defineTool, type Tool, ToolError } from '../../wire/mcp/definitions.js';
import { S3_LIST_INPUT, S3_LIST_OUTPUT } from './s3/schema.js';
import { type Place, readToken, writeToken } from './s3/token.js';
import { type Bounds, inspect, TooManyEntries, walk } from './s3/walk.js';
import { listed } from './sql.js';

/** Matching names held at once in one call; a listing that needs more has to ask for a longer prefix. */
const MAX_ENTRIES = 200_000;
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

type Args = {
  bucket: string;
  prefix?: string;
  delimiter?: string;
  maxKeys?: number;
  continuationToken?: string;
  startAfter?: string;
};

type S3Object = { key: string; size: number; lastModified: string };

export function s3List({ root, maxEntries = MAX_ENTRIES }: { root: string; maxEntries?: number }): Tool {
  return defineTool<Args>({
    name: 's3.list',
    title: 'List S3 objects',
    description:
      'Lists the objects of a bucket in UTF-8 byte order of their keys, like ListObjectsV2. With delimiter "/" it ' +
      'shows one level, deeper keys rolled up into commonPrefixes. Reads names, sizes and times only.',
    scope: 's3:list',
    destructive: false,
    annotations: { title: 'List S3 objects', readOnlyHint: true, openWorldHint: false },
    inputSchema: S3_LIST_INPUT,
    outputSchema: S3_LIST_OUTPUT,
    async handler(args, { signal }) {
      const { bucket, prefix = '', delimiter = '', maxKeys = 100 } = args;
      const listing = { bucket, prefix, delimiter };
      const bounds = { prefix, ...start(args, readPlace(args, listing)) };
      const path = await bucketPath(root, bucket);

      const objects: S3Object[] = [];
      const commonPrefixes: string[] = [];
      let last: Place | undefined;
      let nextContinuationToken: string | undefined;
      try {
        for await (const found of walk(path, bounds, maxEntries, signal)) {
          const end = delimiter === '' ? -1 : found.key.indexOf(delimiter, prefix.length);
          const stats = end < 0 ? await inspect(found.path) : undefined;
          // Gone, or no longer a file, since the walk came past.
          if (end < 0 && !stats?.isFile()) continue;
          if (objects.length + commonPrefixes.length === maxKeys) {
            if (last !== undefined) nextContinuationToken = writeToken(listing, last);
            break;
          }
          if (stats !== undefined) {
            objects.push({ key: found.key, size: stats.size, lastModified: stats.mtime.toISOString() });
            last = { kind: 'key', text: found.key };
          } else {
            const common = found.key.slice(0, end + delimiter.length);
            commonPrefixes.push(common);
            bounds.skip = common;
            last = { kind: 'prefix', text: common };
          }
        }
      } catch (error) {
        if (!(error instanceof TooManyEntries)) throw error;
        throw new ToolError(`more than ${maxEntries} files and folders match; ask for a longer prefix`);
      }
      const isTruncated = nextContinuationToken !== undefined;
      const more = isTruncated ? { nextContinuationToken } : {};
      return { structuredContent: { bucket, prefix, objects, commonPrefixes, isTruncated, ...more } };
    },
  });
}

function readPlace({ continuationToken }: Args, listing: Parameters<typeof readToken>[0]): Place | undefined {
  if (continuationToken === undefined) return undefined;
  const place = readToken(listing, continuationToken);
  if (place !== undefined) return place;
  throw new ToolError(
    'continuationToken is not valid here; pass nextContinuationToken unchanged, with the same bucket, prefix and delimiter',
  );
}

// As in S3, a token makes startAfter moot: the first page has dealt with it.
function start({ startAfter = '' }: Args, place: Place | undefined): Omit<Bounds, 'prefix'> {
  if (place === undefined) return { after: startAfter, skip: undefined };
  return { after: place.text, skip: place.kind === 'prefix' ? place.text : undefined };
}

async function bucketPath(root: string, bucket: string): Promise<string> {
  const entries = await readdir(root, { withFileTypes: true });
  const buckets = entries
    .filter((entry) => entry.isDirectory() && BUCKET.test(entry.name))
    .map(({ name }) => name);
  if (buckets.includes(bucket)) return join(root, bucket);
  throw new ToolError(`there is no bucket "${bucket}"; use one of ${listed(buckets.sort())}`);
}
