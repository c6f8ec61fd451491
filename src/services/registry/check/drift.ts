/** What a server is, next to what its manifest tells: pure comparisons, each difference a finding. */

import { isRecord, type JsonObject, preview, shorten } from '../../../wire/value.js';
import { eachDifference } from '../diff.js';
import type { Finding } from '../entry.js';
import type { Manifest, ManifestTool } from '../manifest/manifest.js';
import { finding } from './findings.js';
import { byName } from './listing.js';
import { isSameJson } from './same.js';
import type { McpListing } from './speak.js';

/** `off` are the tools that the registry itself has switched off: they are not expected in the list. */
export function drift(manifest: Manifest, spoken: McpListing, off: ReadonlySet<string>): Finding[] {
  const listed = byName(spoken.tools);
  const told = new Set(manifest.tools.map(({ name }) => name));
  return [
    ...revisions(manifest.revisions, spoken.revisions),
    ...manifest.tools.flatMap((tool) => {
      const copies = listed.get(tool.name);
      // Each of several by one name: the clean one must not speak for the others.
      if (copies !== undefined) return copies.flatMap((one) => toolDrift(tool, one));
      return off.has(tool.name)
        ? []
        : [finding('tool-missing', `the manifest tells of ${tool.name}, and tools/list does not`, tool.name)];
    }),
    ...[...listed.keys()]
      .filter((name) => !told.has(name))
      .slice(0, 50)
      .map((name) =>
        finding('tool-undeclared', `tools/list offers ${preview(name)}, of which the manifest does not tell`),
      ),
  ];
}

function revisions(told: readonly string[], supported: readonly string[]): Finding[] {
  const unsupported = told.filter((one) => !supported.includes(one));
  const untold = supported.filter((one) => !told.includes(one));
  // A legacy server names the one revision that it chose, so only a list can be short of any.
  const problems = [
    ...(unsupported.length > 0 && supported.length > 1 ? [`does not support ${unsupported.join(', ')}`] : []),
    ...(untold.length > 0 ? [`supports ${shorten(untold.join(', '), 100)} besides`] : []),
  ];
  if (problems.length === 0) return [];
  return [
    finding(
      'revisions-differ',
      `the manifest tells of ${told.join(', ')}; the server ${problems.join(' and ')}`,
    ),
  ];
}

/** What both tell of: a revision may have left out the title, and the schema of results. */
function toolDrift(tool: ManifestTool, listed: JsonObject): Finding[] {
  const pairs: [name: string, told: unknown, there: unknown][] = [
    ['description', tool.description, listed.description],
    ['title', tool.title, listed.title ?? tool.title],
    ['schema', tool.schema, listed.inputSchema],
    ['outputSchema', tool.outputSchema, listed.outputSchema ?? tool.outputSchema],
  ];
  const hints = isRecord(listed.annotations) ? listed.annotations : {};
  const wrong = pairs
    .filter(([, told, there]) => !isSameJson(told, there))
    .map(([name, told, there]) => {
      const { value: first } = eachDifference(told, there).next();
      const where =
        first === undefined
          ? ''
          : ` at ${first.pointer || '/'}: ${preview(first.before)} there, ${preview(first.after)} here`;
      return finding(
        'tool-drift',
        `${name} is told in the manifest otherwise than in tools/list${where}`,
        tool.name,
      );
    });
  const access = isRecord(listed._meta) ? listed._meta['barewire/access'] : undefined;
  const scopes = isRecord(access) && Array.isArray(access.scopes) ? access.scopes : undefined;
  if (scopes !== undefined && !scopes.includes(tool.scope)) {
    wrong.push(
      finding(
        'tool-drift',
        `the manifest tells of the scope ${tool.scope}, tools/list of ${preview(scopes)}`,
        tool.name,
      ),
    );
  }
  if (hints.readOnlyHint === true && tool.destructive) {
    wrong.push(
      finding('tool-drift', 'the manifest calls it destructive, and its annotations read only', tool.name),
    );
  }
  if (hints.destructiveHint === true && hints.readOnlyHint !== true && !tool.destructive) {
    wrong.push(
      finding(
        'tool-drift',
        'the manifest says that it destroys nothing, its annotations that it does',
        tool.name,
      ),
    );
  }
  return wrong;
}
