/** How a server differs from its manifest: pure comparisons, each difference a finding. */
import { isDeepStrictEqual } from 'node:util';
import { isRecord, type JsonObject, preview, shorten } from '../../../wire/value.js';
import { eachDifference } from '../diff.js';
import type { Finding } from '../entry.js';
import type { Manifest, ManifestTool } from '../manifest/manifest.js';
import { finding } from './findings.js';
import { groupBy } from './listing.js';
import type { McpListing } from './mcp-client.js';

const MAX_UNDECLARED = 50;

/** `off` are the tools that the registry has switched off, so tools/list need not contain them. */
export function drift(manifest: Manifest, listing: McpListing, off: ReadonlySet<string>): Finding[] {
  const listedTools = groupBy(listing.tools, 'name');
  const manifestNames = new Set(manifest.tools.map(({ name }) => name));
  const undeclaredNames = [...listedTools.keys()].filter((name) => !manifestNames.has(name));
  return [
    ...revisionDrift(manifest.revisions, listing.revisions),
    ...manifest.tools.flatMap((tool) => {
      const copies = listedTools.get(tool.name);
      // Each of several with one name: a correct one does not excuse the others.
      if (copies !== undefined) return copies.flatMap((copy) => toolDrift(tool, copy));
      if (off.has(tool.name)) return [];
      return [finding('tool-missing', `the manifest has ${tool.name}, and tools/list has not`, tool.name)];
    }),
    ...undeclaredNames
      .slice(0, MAX_UNDECLARED)
      .map((name) => finding('tool-undeclared', `tools/list has ${preview(name)}, and the manifest has not`)),
  ];
}

function revisionDrift(manifestRevisions: readonly string[], serverRevisions: readonly string[]): Finding[] {
  const unsupportedRevisions = manifestRevisions.filter((one) => !serverRevisions.includes(one));
  const undeclaredRevisions = serverRevisions.filter((one) => !manifestRevisions.includes(one));
  const problems = [];
  // A legacy server names only the revision that it chose.
  if (unsupportedRevisions.length > 0 && serverRevisions.length > 1)
    problems.push(`does not support ${unsupportedRevisions.join(', ')}`);
  if (undeclaredRevisions.length > 0)
    problems.push(`also supports ${shorten(undeclaredRevisions.join(', '), 100)}`);
  if (problems.length === 0) return [];
  const message = `the manifest names ${manifestRevisions.join(', ')}; the server ${problems.join(' and ')}`;
  return [finding('revisions-differ', message)];
}

function toolDrift(tool: ManifestTool, listedTool: JsonObject): Finding[] {
  const { annotations, _meta } = listedTool;
  const hints = isRecord(annotations) ? annotations : {};
  const access = isRecord(_meta) ? _meta['barewire/access'] : undefined;
  const scopes = isRecord(access) && Array.isArray(access.scopes) ? access.scopes : undefined;
  // A revision may not have a title or an output schema in tools/list.
  const pairs: [name: string, expected: unknown, actual: unknown][] = [
    ['description', tool.description, listedTool.description],
    ['title', tool.title, listedTool.title ?? tool.title],
    ['schema', tool.schema, listedTool.inputSchema],
    ['outputSchema', tool.outputSchema, listedTool.outputSchema ?? tool.outputSchema],
  ];
  const problems = pairs
    .filter(([, expected, actual]) => !isDeepStrictEqual(expected, actual))
    .map(([name, expected, actual]) => `${name} differs from tools/list${placeOf(expected, actual)}`);
  if (scopes !== undefined && !scopes.includes(tool.scope))
    problems.push(`the manifest names the scope ${tool.scope}, and tools/list ${preview(scopes)}`);
  if (hints.readOnlyHint === true && tool.destructive)
    problems.push('the manifest calls it destructive, and its annotations read-only');
  if (hints.destructiveHint === true && hints.readOnlyHint !== true && !tool.destructive)
    problems.push('the manifest calls it not destructive, and its annotations destructive');
  return problems.map((problem) => finding('tool-drift', problem, tool.name));
}

function placeOf(expected: unknown, actual: unknown): string {
  const { value: first } = eachDifference(expected, actual).next();
  if (first === undefined) return '';
  const { pointer, before, after } = first;
  return ` at ${pointer || '/'}: ${preview(before)} in the manifest, ${preview(after)} in the list`;
}
