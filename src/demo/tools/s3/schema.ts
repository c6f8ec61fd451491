/** What s3.list takes and returns, as JSON Schema. */
import type { JsonObject } from '../../../wire/value.js';

export const S3_LIST_INPUT: JsonObject = {
  type: 'object',
  properties: {
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
  required: ['bucket'],
  additionalProperties: false,
};

export const S3_LIST_OUTPUT: JsonObject = {
  type: 'object',
  properties: {
    bucket: { type: 'string' },
    prefix: { type: 'string' },
    objects: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          key: { type: 'string' },
          size: { type: 'integer', description: 'Bytes.' },
          lastModified: { type: 'string', description: 'UTC, ISO 8601.' },
        },
        required: ['key', 'size', 'lastModified'],
        additionalProperties: false,
      },
    },
    commonPrefixes: { type: 'array', items: { type: 'string' } },
    isTruncated: { type: 'boolean', description: 'True when there are more than this page holds.' },
    nextContinuationToken: { type: 'string', description: 'The continuationToken of the next page.' },
  },
  required: ['bucket', 'prefix', 'objects', 'commonPrefixes', 'isTruncated'],
  additionalProperties: false,
};
