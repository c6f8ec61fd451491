/**
 * The manifest: a server's description of itself at /.well-known/mcp-capabilities. A registry finds and shows the server by
 * it, and notices when a tool is no longer the one that was approved. The format is this project's own; no MCP document
 * defines it. read.ts validates manifests.
 */
import { SUPPORTED } from '../../../wire/revisions.js';
import { isRecord, type JsonObject } from '../../../wire/value.js';
import { documentDigest } from './digest.js';

export type ManifestTool = {
  name: string;
  title?: string;
  description: string;
  /** The OAuth scope that a call needs. */
  scope: string;
  destructive: boolean;
  /** The schema of the arguments. */
  schema: JsonObject;
  outputSchema?: JsonObject;
  digest: string;
};

export type ManifestAuth = {
  issuers: readonly string[];
  /** The URL of the protected resource metadata (RFC 9728). */
  resourceMetadata: string;
};

/** What the owner promises, measured over 30 days. */
export type Slo = {
  /** Requests that are answered with a status below 500: 99.9 */
  availabilityPercent: number;
  /** 99 of 100 requests are answered within this many milliseconds. */
  p99Ms: number;
};

export type Manifest = {
  name: string;
  title?: string;
  version: string;
  transport: 'StreamableHTTP';
  /** The public URL of the MCP endpoint. */
  url: string;
  /** Strings, because a server may support revisions that its reader does not know. */
  revisions: readonly string[];
  /** Absent when the server requires no token. */
  auth?: ManifestAuth;
  /** A team and how to reach it: `Platform Data, #platform-data`. */
  owner: string;
  slo: Slo;
  digest: string;
  tools: readonly ManifestTool[];
};

/** A tool as its author writes it. Other members of the author's object, such as a handler, stay out of the manifest. */
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

/** Validates nothing: see `readManifest`. */
export function createManifest(options: ManifestOptions): Manifest {
  const { name, title, version, url, auth, owner, slo } = options;
  // Of two tools with one name the later counts. A map keeps the order of names made of digits, and allows `__proto__`.
  const tools = new Map(options.tools.map((tool) => [tool.name, manifestTool(tool)]));
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
  return { ...manifest, digest: documentDigest(manifest) };
}

function manifestTool(definition: ToolDefinition): ManifestTool {
  const { name, title, description, scope, destructive, inputSchema, outputSchema } = definition;
  const tool = {
    name,
    ...(title === undefined ? {} : { title }),
    description,
    scope,
    destructive,
    schema: toJson(inputSchema),
    ...(outputSchema === undefined ? {} : { outputSchema: toJson(outputSchema) }),
  };
  return { ...tool, digest: documentDigest(tool) };
}

/** The digest covers what a reader gets, so a date in the author's object becomes a string first. */
function toJson(schema: JsonObject): JsonObject {
  const json: unknown = JSON.parse(JSON.stringify(schema));
  if (!isRecord(json)) throw new TypeError('a schema must be written as a JSON object');
  return json;
}
