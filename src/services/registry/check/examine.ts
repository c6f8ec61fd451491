/** Every text that reaches a model, of the manifest and of what the server lists, and what a person should know of it. */
import type { Finding, ObservedManifest } from '../entry.js';
import { finding, GUIDANCE_HIDES, suspicious } from './findings.js';
import { guidanceIn } from './listing.js';
import { createScan, MAX_READ } from './scan.js';
import type { McpListing } from './speak.js';

export function examine(manifest: ObservedManifest, spoken: McpListing | undefined): Finding[] {
  const scan = createScan();
  const found: Finding[] = [];

  function look(value: unknown, pointer: string, tool?: string): void {
    const { suspicions, cut } = scan.of(value, pointer);
    found.push(...suspicious(suspicions, tool));
    if (cut) found.push(tooLong(pointer === '' ? '/' : pointer, tool));
  }

  const { title = '', owner, tools } = manifest;
  look(title, '/title');
  look(owner, '/owner');
  const told = new Set<string>();
  for (const { digest: _, manifestDigest: __, ...tool } of tools) {
    told.add(tool.name);
    look(tool, '', tool.name);
    // A client mends /tools/../switch to /switch before it is sent, and so would switch the whole server.
    if (tool.name === '.' || tool.name === '..')
      found.push(finding('tool-unaddressable', `${tool.name} leads to another address`, tool.name));
  }
  if (spoken === undefined) return found;
  for (const one of spoken.tools)
    if (!told.has(String(one.name))) look(one, `tools/list ${String(one.name).slice(0, 128)}: `);
  for (const [key, value] of guidanceIn(spoken)) {
    const { suspicions, cut } = scan.of(value, `${key}: `);
    for (const one of suspicious(suspicions))
      found.push(one.code === 'hidden-text' ? finding(GUIDANCE_HIDES, one.message) : one);
    if (cut) found.push(tooLong(`${key}:`));
  }
  return found;
}

function tooLong(where: string, tool?: string): Finding {
  return finding(
    'text-too-long',
    `${where} has text of more than ${MAX_READ} characters, or there is too much of it`,
    tool,
  );
}
