/** What happened to a server, in one sentence that begins after who did it is told. */
import type { Finding, Identity } from '../entry.js';
import type { ChangeView } from '../view.js';
import { counted } from './words.js';

/** Plain text, and as hostile as what it tells of: it is escaped where it is shown. */
export function sentenceOf(change: ChangeView): string {
  switch (change.kind) {
    case 'added':
      return 'The server was added.';
    case 'removed':
      return 'The server was removed.';
    case 'manifest':
      return `The manifest changed: version ${change.version}, ${short(change.digest)}.`;
    case 'manifest-set-aside':
      return `The manifest of ${change.url} was set aside, because it is from another origin, and a server can only speak for its own.`;
    case 'tool-appeared':
      return `The tool ${change.tool} appeared.`;
    case 'tool-gone':
      return `The tool ${change.tool} is gone.`;
    case 'tool-quarantined':
      return change.before === null
        ? `The tool ${change.tool} was put in quarantine: nobody has accepted it yet.`
        : `The tool ${change.tool} was put in quarantine: it changed.`;
    case 'tool-restored':
      return `The tool ${change.tool} left quarantine: it is again what was accepted.`;
    case 'tool-accepted':
      return `The tool ${change.tool} was accepted as it is now, ${short(change.digest)}.`;
    case 'identity-quarantined':
      return `The server was put in quarantine: its ${differing(change.before, change.after)} changed.`;
    case 'identity-accepted':
      return `The server was accepted as ${change.identity.name} of ${change.identity.owner} at ${change.identity.url}.`;
    case 'identity-restored':
      return 'The server left quarantine: it is again who it was.';
    case 'guidance-quarantined':
      return `The server was put in quarantine: what it tells models changed (${change.items.join(', ')}).`;
    case 'guidance-accepted':
      return `What the server tells models was accepted as it is now, ${short(change.digest)}.`;
    case 'guidance-restored':
      return 'The server left quarantine: it tells models again what was accepted.';
    case 'findings':
      return findingsSentence(change.found, change.gone);
    case 'switched': {
      const what = change.tool === undefined ? 'The server' : `The tool ${change.tool}`;
      return `${what} was switched ${change.enabled ? 'on' : 'off'}.`;
    }
  }
}

/** The reason, if one was required and the reader may see it. */
export function reasonOf(change: ChangeView): string | undefined {
  return change.reason;
}

function findingsSentence(found: readonly Finding[], gone: readonly Finding[]): string {
  const words: string[] = [];
  if (found.length > 0) words.push(`${counted(found.length, 'new finding')} (${codes(found)})`);
  if (gone.length > 0) words.push(`${counted(gone.length, 'finding')} settled (${codes(gone)})`);
  return words.length === 0 ? 'A check found what it had found before.' : `A check: ${words.join(', ')}.`;
}

function codes(findings: readonly Finding[]): string {
  return [
    ...new Set(findings.map(({ code, tool }) => (tool === undefined ? code : `${code} at ${tool}`))),
  ].join(', ');
}

const PARTS: { [Name in keyof Identity]: string } = {
  name: 'name',
  url: 'address',
  owner: 'owner',
  issuers: 'issuers',
};

function differing(before: Identity, after: Identity): string {
  const names = Object.keys(PARTS) as (keyof Identity)[];
  const words = names
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) => PARTS[name]);
  return words.length === 0 ? 'identity' : words.join(', ').replace(/, ([^,]*)$/, ' and $1');
}

/** Enough of a digest to tell two apart at a glance; all of it is in the JSON. */
function short(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12);
}
