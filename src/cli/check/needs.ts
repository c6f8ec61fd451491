/** Decides which transcripts a server can be asked to pass, and says why it cannot be asked the others. */
import type { Era } from '../../wire/revisions.js';
import { isRecord } from '../../wire/value.js';
import type { Discovery } from './discover.js';
import type { Offer } from './report.js';
import type { Entry } from './transcripts.js';
import { type Call, completedArgument, metadataPath, requiredArgument } from './values.js';

export type Facts = {
  transport: 'http' | 'stdio';
  url: URL | undefined;
  discovery: Discovery;
  /** Of each era: what is called there. */
  calls: Map<Era, Call | { none: string }>;
  session: string | undefined;
  loopback: boolean;
  mayBeHostile: boolean;
};

type Need = (facts: Facts, offer: Offer) => string | undefined;

const offers =
  (capability: string): Need =>
  (_, { capabilities }) =>
    isRecord(capabilities[capability]) ? undefined : `the server does not declare ${capability}`;
const lacks =
  (capability: string): Need =>
  (_, { capabilities }) =>
    capability in capabilities ? `the server declares ${capability}` : undefined;
const has =
  (list: 'tools' | 'resources' | 'templates' | 'prompts'): Need =>
  (_, offer) =>
    (offer[list] ?? []).length > 0 ? undefined : `the server lists no ${list}`;

const callOf = ({ calls }: Facts, { era }: Offer): Call | string => {
  const call = calls.get(era) ?? { none: 'the server lists no tools' };
  return 'none' in call ? call.none : call;
};

const since =
  (first: string): Need =>
  (_, { revision }) =>
    revision >= first ? undefined : `the server speaks ${revision}, which does not ask for this yet`;

/** The words of a `# needs:` line. */
export const NEEDS: { readonly [need: string]: Need } = {
  tools: offers('tools'),
  'no-tools': lacks('tools'),
  call(facts, offer) {
    const call = callOf(facts, offer);
    return typeof call === 'string' ? call : undefined;
  },
  'typed-argument'(facts, offer) {
    const call = callOf(facts, offer);
    if (typeof call === 'string') return call;
    return requiredArgument(call) === undefined
      ? 'the tool that is called requires no argument of one type'
      : undefined;
  },
  resources: offers('resources'),
  'no-resources': lacks('resources'),
  resource: has('resources'),
  prompts: offers('prompts'),
  'no-prompts': lacks('prompts'),
  prompt: has('prompts'),
  completions: offers('completions'),
  'no-completions': lacks('completions'),
  'completed-argument': (_, offer) =>
    completedArgument(offer) === undefined ? 'no prompt takes an argument' : undefined,
  logging: offers('logging'),
  changes(_, { capabilities }) {
    const announces = (value: unknown) =>
      isRecord(value) && (value.listChanged === true || value.subscribe === true);
    return Object.values(capabilities).some(announces) ? undefined : 'the server announces no changes';
  },
  session: ({ session }) => (session === undefined ? 'the server keeps no sessions' : undefined),
  'modern-only': ({ discovery }) =>
    discovery.modernOnly ? undefined : 'the server may also speak the older revisions',
  challenge: ({ discovery }) =>
    discovery.challenge === undefined ? 'the server asks for no access token' : undefined,
  metadata: ({ discovery, url }) =>
    metadataPath(discovery.challenge, '/', url) === undefined ? 'its metadata is on another host' : undefined,
  'since-2025-06-18': since('2025-06-18'),
  'since-2025-11-25': since('2025-11-25'),
  loopback: ({ loopback }) => (loopback ? undefined : 'a public server may accept pages of every origin'),
};

/** Undefined if the transcript can be played. */
export function obstacleTo({ transcript, stage }: Entry, facts: Facts): string | undefined {
  const offer = offerFor(transcript.era, facts);
  if (stage === 'hostile-input' && !facts.mayBeHostile)
    return 'hostile input is sent to loopback only, or with --yes';
  if (offer === undefined) {
    // A server that lets nobody in can still be asked how it refuses.
    if (
      transcript.needs.every((need) => need === 'challenge' || need === 'metadata') &&
      transcript.needs.length > 0
    )
      return transcript.needs
        .map((need) => NEEDS[need]?.(facts, NOTHING))
        .find((reason) => reason !== undefined);
    if (facts.discovery.offers.length === 0) return 'the server answers 401 without an access token';
    return transcript.era === 'modern'
      ? 'the server does not speak 2026-07-28'
      : 'the server speaks no older revision';
  }
  for (const need of transcript.needs) {
    const test = NEEDS[need];
    if (test === undefined) throw new Error(`${need} is no word for what a transcript needs`);
    const reason = test(facts, offer);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

const NOTHING: Offer = { era: 'modern', revision: '', server: {}, capabilities: {} };

/** A transcript for both eras is played in the newer one. */
export function offerFor(era: Era | undefined, { discovery }: Facts): Offer | undefined {
  return discovery.offers.find((offer) => era === undefined || offer.era === era);
}
