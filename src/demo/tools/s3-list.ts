/**
 * s3.list: a folder listed the way Amazon S3's ListObjectsV2 lists a bucket. Each folder in `root` is a bucket. s3-walk.ts
 * finds the keys; this file turns them into pages, objects and common prefixes.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
import { hash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defineTool, type Tool, ToolError } from '../../wire/mcp/definitions.js';
import { type Bounds, inspect, TooManyEntries, walk } from './s3-walk.js';
import { objectOf } from './schema.js';
import { listNames } from './sql.js';

/** Matching names held in memory by one call; a larger listing needs a longer prefix. */
const MAX_ENTRIES = 200_000;
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

type Root = () => string | Promise<string>;
type Args = {
  bucket: string;
  prefix?: string;
  delimiter?: string;
  maxKeys?: number;
  continuationToken?: string;
  startAfter?: string;
};

type S3Object = { key: string; size: number; lastModified: string };

const INPUT = objectOf(
  {
    bucket: {
      type: 'string',
      minLength: 3,
      maxLength: 63,
      description: 'Name of the bucket.',
      examples: ['reports'],
    },
    prefix: {
      type: 'string',
      maxLength: 1024,
      default: '',
      description: 'Only keys that start with exactly this text; nothing in it is decoded or resolved.',
      examples: ['finance/2026/'],
    },
    delimiter: {
      type: 'string',
      maxLength: 16,
      default: '',
      description:
        'Keys that go on after the first delimiter behind the prefix are rolled up into commonPrefixes.',
      examples: ['/'],
    },
    maxKeys: {
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      default: 100,
      description: 'Objects and common prefixes returned at most, counted together.',
      examples: [100],
    },
    continuationToken: {
      type: 'string',
      maxLength: 8192,
      description: 'nextContinuationToken of the page before, with the same bucket, prefix and delimiter.',
      examples: ['T2h4ZjEwYk9zOFlZZElUa2tjaGVja291dC8yMDI2LTAxLTE1LmxvZw'],
    },
    startAfter: {
      type: 'string',
      maxLength: 1024,
      description: 'Only keys after this one; it need not exist. Ignored when continuationToken is given.',
      examples: ['finance/2026/01-summary.csv'],
    },
  },
  ['bucket'],
);

const OUTPUT = objectOf(
  {
    bucket: { type: 'string' },
    prefix: { type: 'string' },
    objects: {
      type: 'array',
      items: objectOf({
        key: { type: 'string' },
        size: { type: 'integer', description: 'Bytes.' },
        lastModified: { type: 'string', description: 'UTC, ISO 8601.' },
      }),
    },
    commonPrefixes: { type: 'array', items: { type: 'string' } },
    isTruncated: { type: 'boolean', description: 'True when there are more than this page holds.' },
    nextContinuationToken: { type: 'string', description: 'The continuationToken of the next page.' },
  },
  ['bucket', 'prefix', 'objects', 'commonPrefixes', 'isTruncated'],
);

export function s3List({ root, maxEntries = MAX_ENTRIES }: { root: Root; maxEntries?: number }): Tool {
  return defineTool<Args>({
    name: 's3.list',
    title: 'List S3 objects',
    description:
      'Lists the objects of a bucket in UTF-8 byte order of their keys, like ListObjectsV2. With delimiter "/" it ' +
      'shows one level, deeper keys rolled up into commonPrefixes. Reads names, sizes and times only.',
    scope: 's3:list',
    destructive: false,
    annotations: { title: 'List S3 objects', readOnlyHint: true, openWorldHint: false },
    inputSchema: INPUT,
    outputSchema: OUTPUT,
    async handler(args, { signal }) {
      const { bucket, prefix = '', delimiter = '', maxKeys = 100 } = args;
      const listing = { bucket, prefix, delimiter };
      const bounds = { prefix, ...start(args, readPlace(args, listing)) };
      const path = await bucketPath(await root(), bucket);

      const objects: S3Object[] = [];
      const commonPrefixes: string[] = [];
      let last: Place | undefined;
      let nextContinuationToken: string | undefined;
      try {
        for await (const file of walk(path, bounds, maxEntries, signal)) {
          const end = delimiter === '' ? -1 : file.key.indexOf(delimiter, prefix.length);
          const stats = end < 0 ? await inspect(file.path) : undefined;
          // The file may have gone, or been replaced, since the walk saw it.
          if (end < 0 && !stats?.isFile()) continue;
          if (objects.length + commonPrefixes.length === maxKeys) {
            if (last !== undefined) nextContinuationToken = writeToken(listing, last);
            break;
          }
          if (stats !== undefined) {
            objects.push({ key: file.key, size: stats.size, lastModified: stats.mtime.toISOString() });
            last = { kind: 'key', text: file.key };
          } else {
            const common = file.key.slice(0, end + delimiter.length);
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

function readPlace({ continuationToken }: Args, listing: Listing): Place | undefined {
  if (continuationToken === undefined) return undefined;
  const place = readToken(listing, continuationToken);
  if (place !== undefined) return place;
  throw new ToolError(
    'continuationToken is not valid here; pass nextContinuationToken unchanged, with the same bucket, prefix and delimiter',
  );
}

// As in S3, a token replaces startAfter, which the first page has dealt with.
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
  throw new ToolError(`there is no bucket "${bucket}"; use one of ${listNames(buckets.sort())}`);
}

type Listing = { bucket: string; prefix: string; delimiter: string };

/** The last item of a page: an object's key, or a common prefix, all of whose keys are done. */
type Place = { kind: 'key' | 'prefix'; text: string };
const DIGEST_LENGTH = 16;

/** The digest tells a token of this listing from a mistake; it protects nothing, since a token only names a place. */
function digest({ bucket, prefix, delimiter }: Listing, body: string): string {
  return hash('sha256', JSON.stringify([bucket, prefix, delimiter, body]), 'base64url').slice(
    0,
    DIGEST_LENGTH,
  );
}

function writeToken(listing: Listing, { kind, text }: Place): string {
  const body = (kind === 'key' ? 'k' : 'p') + text;
  return Buffer.from(digest(listing, body) + body).toString('base64url');
}

/** Undefined when it is not a token of this listing. */
function readToken(listing: Listing, token: string): Place | undefined {
  const decodedText = Buffer.from(token, 'base64url').toString();
  const body = decodedText.slice(DIGEST_LENGTH);
  if (digest(listing, body) !== decodedText.slice(0, DIGEST_LENGTH)) return undefined;
  return { kind: body.startsWith('k') ? 'key' : 'prefix', text: body.slice(1) };
}
