/**
 * The manifest: what a server says of itself at /.well-known/mcp-capabilities, so that a registry can find it, show it
 * and tell when a tool is not the one that was approved. Made here; read and checked in read.ts. The document is this
 * project's convention: no MCP document defines it.
 */
import { SUPPORTED } from '../../../wire/revisions.js';
import { isRecord, type JsonObject } from '../../../wire/value.js';
import { manifestDigest, toolDigest } from './digest.js';

export type ManifestTool = {
  name: string;
  title?: string;
  description: string;
  /** The one OAuth scope that a call needs. */
  scope: string;
  destructive: boolean;
  /** Of the arguments. */
  schema: JsonObject;
  outputSchema?: JsonObject;
  digest: string;
};

export type ManifestAuth = {
  issuers: readonly string[];
  /** The URL of the protected resource metadata (RFC 9728). */
  resourceMetadata: string;
};

/** What the owner promises, over 30 days. */
export type Slo = {
  /** Of a hundred requests, how many are answered, and not with a status of 500 or above: 99.9 */
  availabilityPercent: number;
  /** Within how many milliseconds 99 of a hundred are answered. */
  p99Ms: number;
};

export type Manifest = {
  name: string;
  title?: string;
  version: string;
  transport: 'StreamableHTTP';
  /** The public URL of the MCP endpoint. */
  url: string;
  /** Text, since a server may speak revisions that its reader does not know. */
  revisions: readonly string[];
  /** Absent on a server that asks for no token. */
  auth?: ManifestAuth;
  /** A team and how to reach it: `Platform Data, #platform-data`. */
  owner: string;
  slo: Slo;
  digest: string;
  tools: readonly ManifestTool[];
};

/** A tool as its author writes it; what else the author's object has (a handler) stays out of the document. */
export type ToolDefinition = {
  name: string;
  title?: string;
  description: string;
  scope: string;
  destructive: boolean;
  inputSchema: JsonObject;
  outputSchema?: JsonObject;
};

export type ManifestOptions = {
  name: string;
  title?: string | undefined;
  version: string;
  url: string;
  auth?: ManifestAuth | undefined;
  owner: string;
  slo: Slo;
  tools: readonly ToolDefinition[];
};

/**
 * `sha256` gives the hexadecimal hash of a text's UTF-8. A name that is given again keeps its place and takes the later
 * definition; a catalog refuses it before it comes to that. Whether the words given are good ones is for
 * `readManifest` to say.
 */
export function createManifest(given: ManifestOptions): Manifest {
  const { name, title, version, url, auth, owner, slo } = given;
  // A map and not an object: it keeps names made of digits in their order, and `__proto__` is a name like any other.
  const tools = new Map(given.tools.map((tool) => [tool.name, manifestTool(tool)]));
  const manifest: Manifest = {
    name,
    ...(title === undefined ? {} : { title }),
    version,
    transport: 'StreamableHTTP',
    url,
    revisions: SUPPORTED,
    ...(auth === undefined ? {} : { auth }),
    owner,
    slo,
    digest: '',
    tools: [...tools.values()],
  };
  return { ...manifest, digest: manifestDigest(manifest) };
}

function manifestTool(definition: ToolDefinition): ManifestTool {
  const { name, title, description, scope, destructive, inputSchema, outputSchema } = definition;
  const tool = {
    name,
    ...(title === undefined ? {} : { title }),
    description,
    scope,
    destructive,
    schema: asSent(inputSchema),
    ...(outputSchema === undefined ? {} : { outputSchema: asSent(outputSchema) }),
  };
  return { ...tool, digest: toolDigest(tool) };
}

// The digest is of what a reader gets, so a date or an absent member in an author's object becomes what JSON makes of it.
function asSent(schema: JsonObject): JsonObject {
  const sent: unknown = JSON.parse(JSON.stringify(schema));
  if (!isRecord(sent)) throw new TypeError('a schema must be written as a JSON object');
  return sent;
}
