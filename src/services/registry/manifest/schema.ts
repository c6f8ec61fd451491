/**
 * The JSON Schema of a manifest, published beside it for registries and authors. It uses plain patterns and no vocabulary of
 * our own, so that validators in other languages agree. What a schema cannot express, unique names and correct digests, is in
 * read.ts.
 *
 * @see https://json-schema.org/draft/2020-12/schema
 */
import type { JsonObject } from '../../../wire/value.js';

/** Where a server publishes its manifest, and the manifest's schema. */
export const MANIFEST_PATH = '/.well-known/mcp-capabilities';
export const MANIFEST_SCHEMA_PATH = `${MANIFEST_PATH}/schema`;

// No query and no fragment, because a URL here is an identifier. No credentials, because everybody sees it.
const url = {
  type: 'string',
  format: 'uri',
  pattern: '^https?://[^\\s/?#@]+(/[^\\s?#]*)?$',
  maxLength: 2048,
};
const digest = { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' };
// Spaces and invisible characters do not count as text. These are the characters of unseen.ts, as a plain pattern.
const SEEN =
  '[^\\s\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ue000-\\uf8ff\\ufdd0-\\ufdef\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb\\ufffe\\uffff]';
const text = (description: string, maxLength: number) => ({
  type: 'string',
  minLength: 1,
  maxLength,
  pattern: SEEN,
  description,
});

/** A tool's members apart from its schemas. A tool is also checked against them before it is registered. */
export const TOOL_PROPERTIES = {
  name: {
    type: 'string',
    pattern: '^[A-Za-z0-9_.-]{1,128}$',
    description: 'The name by which the tool is called. No other tool of this server has it.',
  },
  title: text('The name that people are shown.', 200),
  description: text('What the tool does, in the words that the model reads.', 16_384),
  scope: {
    type: 'string',
    // scope-token of RFC 6749: a space would make two of it.
    pattern: '^[!#-\\[\\]-~]+$',
    maxLength: 200,
    description: 'The one OAuth scope that a call needs.',
  },
  destructive: {
    type: 'boolean',
    description: 'True when a call changes state that a person should have approved.',
  },
} satisfies JsonObject;

const tool = {
  type: 'object',
  description: 'One tool, as it was when its digest was made.',
  properties: {
    ...TOOL_PROPERTIES,
    schema: {
      type: 'object',
      properties: { type: { const: 'object' } },
      required: ['type'],
      description: "The JSON Schema of the tool's arguments; 2020-12 unless its own $schema says draft-07.",
    },
    outputSchema: { type: 'object', description: "The JSON Schema of the tool's structured content." },
    digest: {
      ...digest,
      description:
        'SHA-256 of the RFC 8785 canonical JSON of this tool without its digest. It changes with anything that is said here.',
    },
  },
  required: ['name', 'description', 'scope', 'destructive', 'schema', 'digest'],
  // Every member of a tool concerns what a call may do; nobody should approve one unseen.
  additionalProperties: false,
};

const auth = {
  type: 'object',
  description: 'How callers are authorized. Absent on a server that asks for no token.',
  properties: {
    issuers: {
      type: 'array',
      items: url,
      minItems: 1,
      maxItems: 16,
      uniqueItems: true,
      description: 'The authorization servers whose tokens are accepted.',
    },
    resourceMetadata: { ...url, description: 'The protected resource metadata of RFC 9728.' },
  },
  required: ['issuers', 'resourceMetadata'],
  additionalProperties: false,
};

const slo = {
  type: 'object',
  description: 'What the owner promises, measured over 30 days.',
  properties: {
    availabilityPercent: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 100,
      description:
        'How many of a hundred requests are answered, and not with an HTTP status of 500 or above.',
    },
    p99Ms: {
      type: 'number',
      exclusiveMinimum: 0,
      description: 'Within how many milliseconds 99 of a hundred requests are answered.',
    },
  },
  required: ['availabilityPercent', 'p99Ms'],
  additionalProperties: false,
};

// Other members are allowed, so that an older registry can read manifests of other teams and newer servers. The digest
// covers them.
export const MANIFEST_SCHEMA: JsonObject = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'MCP server manifest',
  description: `What an MCP server says of itself at ${MANIFEST_PATH}: where it is, who owns it, and what each tool does and needs.`,
  type: 'object',
  properties: {
    name: {
      type: 'string',
      maxLength: 200,
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?$',
      description:
        "The server's name, one among all servers of a registry; a namespace and a slash may precede it.",
    },
    title: text('The name that people are shown.', 200),
    version: text("The server's version.", 100),
    transport: { const: 'StreamableHTTP', description: 'The MCP transport that the URL speaks.' },
    url: { ...url, description: 'The public URL of the MCP endpoint.' },
    revisions: {
      type: 'array',
      items: { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' },
      minItems: 1,
      maxItems: 100,
      uniqueItems: true,
      description: 'The revisions of MCP that are served, newest first.',
    },
    auth,
    owner: text('The team that answers for the server, and how to reach it.', 200),
    slo,
    digest: {
      ...digest,
      description:
        'SHA-256 of the RFC 8785 canonical JSON of this document without its digest: all tools, and all members that are not named here.',
    },
    tools: {
      type: 'array',
      items: tool,
      maxItems: 1_000,
      description: 'The tools in the order in which clients see them.',
    },
  },
  required: ['name', 'version', 'transport', 'url', 'revisions', 'owner', 'slo', 'digest', 'tools'],
};
