/** What a person should look at first on a server, in words, so that a list says what has happened and not only how much. */
import { type Entry, type Finding, heldItems, toolState } from './entry.js';

/** Shown of one server; its page has the rest. */
const MAX_LINES = 3;

/** One fact. `look` is that of a box on a page. */
export type Attention = { look: 'warn' | 'bad'; text: string; tool?: string };

/** The worst first, and how many more there are. */
export function attentionOf(entry: Entry): { lines: readonly Attention[]; more: number } {
  const lines = [...heldLines(entry), ...findingLines(entry, 'error'), ...findingLines(entry, 'warning')];
  return { lines: lines.slice(0, MAX_LINES), more: Math.max(0, lines.length - MAX_LINES) };
}

function heldLines(entry: Entry): Attention[] {
  const { heldIdentity, held, manifest } = entry;
  const tools = (manifest?.tools ?? []).filter(({ name }) => toolState(entry, name) === 'quarantined');
  return [
    ...(heldIdentity === undefined ? [] : [waiting('Its owner, address or issuer has changed')]),
    ...(heldItems(entry).length === 0 ? [] : [waiting('Its guidance for models has changed')]),
    ...tools.map(({ name }) => waiting(`${name} ${held[name] ? 'has changed' : 'is new'}`, name)),
  ];
}

function waiting(what: string, tool?: string): Attention {
  return {
    look: 'warn',
    text: `${what}, and nobody has accepted it`,
    ...(tool === undefined ? {} : { tool }),
  };
}

function findingLines({ findings }: Entry, severity: Finding['severity']): Attention[] {
  return findings
    .filter((finding) => finding.severity === severity)
    .map(({ message, tool }) => ({
      look: severity === 'error' ? 'bad' : 'warn',
      text: message,
      ...(tool === undefined ? {} : { tool }),
    }));
}
