/**
 * Looks in what a tool says of itself for what a person would not see and a model would obey: invisible characters, and
 * sentences that give orders to a model. It is a net with a known mesh, in English: what it finds deserves a look, and what
 * it does not find is not thereby good.
 */
import type { ManifestTool } from '../../manifest/manifest.js';
import { isRecord, shorten } from '../../value.js';

export type Suspicion = {
  kind: 'invisible' | 'instruction';
  /** Whether nothing honest looks like this. */
  sure: boolean;
  /** JSON pointer into the tool. */
  pointer: string;
  /** What was seen, in visible characters. */
  seen: string;
};

// Format characters, fillers that are letters by name and blank by looks, selectors of variants, tags, and controls.
const INVISIBLE = new RegExp(
  [
    '\\p{Cf}',
    '[\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u3164\\uffa0]',
    '[\\u180b-\\u180f]',
    '[\\ufe00-\\ufe0f]',
    '[\\u{e0000}-\\u{e0fff}]',
    '[^\\P{Cc}\\t\\n\\r]',
  ].join('|'),
  'gu',
);
/** Joiners and selectors where writing needs them: in emoji, and inside words of scripts that join their letters. */
const JOINING = ['Arabic', 'Devanagari', 'Bengali', 'Malayalam', 'Kannada', 'Sinhala']
  .map((script) => `\\p{Script=${script}}`)
  .concat('\\p{M}')
  .join('|');
const NEEDED = new RegExp(
  [
    '(?<=\\p{Extended_Pictographic}|\\p{Emoji_Modifier}|[#*\\d])\\ufe0f',
    '(?<=\\p{Extended_Pictographic}|\\p{Emoji_Modifier}|\\ufe0f)\\u200d(?=\\p{Extended_Pictographic})',
    `(?<=${JOINING})(?:\\u200c|\\u200d)(?=\\p{L}|\\p{M})`,
  ].join('|'),
  'gu',
);

const SURE = [
  /\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:previous|prior|above|earlier|other|all|system)\b.{0,30}\b(?:instructions?|prompts?|rules?|guidelines?|messages?)\b/i,
  /\b(?:do not|don'?t|never|without)\b.{0,25}\b(?:tell|telling|inform|informing|mention|mentioning|show|showing|reveal|notify|notifying|alert|alerting)\b.{0,25}\b(?:the |this to the |it to the )?(?:user|human|person|operator)\b/i,
  /<\/?\s*(?:important|system|secret|instructions?|hidden|admin|assistant)\b[^>]{0,40}>/i,
  /\b(?:read|open|load|include|send|pass|attach|append|copy)\b.{0,60}(?:~\/|\/etc\/|\.ssh\b|id_rsa|\.env\b|\bmcp\.json\b|\bsystem prompt\b|\bconversation history\b|\bapi[ _-]?keys?\b.{0,30}\b(?:as|in|to)\b)/i,
  /\byou are (?:now|no longer)\b.{0,40}\b(?:an?|the|in|bound|assistant|mode)\b/i,
];
const LIKELY = [
  /\b(?:before|instead of|prior to) (?:using|calling|invoking|you (?:use|call))\b.{0,30}\b(?:any|every|other|another|all)\b.{0,15}\btools?\b/i,
  /\b(?:you|the (?:model|assistant|llm|ai|agent)) (?:must|should|shall|need to|have to)\b.{0,20}\b(?:always|never|first|only|call|invoke|use this)\b/i,
  /\balways (?:call|use|invoke|run|prefer) this (?:tool|function|server)\b/i,
  /\b(?:system prompt|hidden instruction|developer message)\b/i,
];

/** In the order of the tool's members, each place once for each kind. */
export function scanTool(tool: ManifestTool): Suspicion[] {
  const { digest: _, ...told } = tool;
  return [...textsIn(told, '')].flatMap(([pointer, text]) => scanText(pointer, text));
}

export function scanText(pointer: string, text: string): Suspicion[] {
  const found: Suspicion[] = [];
  const hidden = text.replace(NEEDED, '').match(INVISIBLE);
  if (hidden !== null) found.push({ kind: 'invisible', sure: true, pointer, seen: named(hidden) });
  // What is written apart by invisible characters is still one word to a model.
  const plain = spelled(text).replace(INVISIBLE, '').normalize('NFKC').replace(/\s+/g, ' ');
  for (const [sure, patterns] of [
    [true, SURE],
    [false, LIKELY],
  ] as const) {
    const match = patterns.map((pattern) => pattern.exec(plain)?.[0]).find((one) => one !== undefined);
    if (match === undefined) continue;
    found.push({ kind: 'instruction', sure, pointer, seen: JSON.stringify(shorten(match, 120)) });
    break;
  }
  return found;
}

/** Names of members count as well: a model reads the names of arguments. */
function* textsIn(value: unknown, pointer: string): Generator<[pointer: string, text: string]> {
  if (typeof value === 'string') yield [pointer, value];
  else if (Array.isArray(value)) {
    for (const [at, one] of value.entries()) yield* textsIn(one, `${pointer}/${at}`);
  } else if (isRecord(value)) {
    for (const [key, one] of Object.entries(value)) {
      const here = `${pointer}/${shorten(key, 60).replaceAll('~', '~0').replaceAll('/', '~1')}`;
      yield [here, key];
      yield* textsIn(one, here);
    }
  }
}

/** Tags spell ASCII that no screen shows: words of their own. */
function spelled(text: string): string {
  return text.replace(/[\u{e0020}-\u{e007e}]+/gu, (tags) => ` ${letters(tags)} `);
}

function letters(tags: string): string {
  return [...tags].map((tag) => String.fromCodePoint((tag.codePointAt(0) ?? 0) - 0xe0000)).join('');
}

function named(characters: readonly string[]): string {
  const tags = characters.filter((one) => one >= '\u{e0020}' && one <= '\u{e007e}');
  const names = [
    ...new Set(
      characters.map((one) => `U+${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`),
    ),
  ];
  const list = `${names.slice(0, 6).join(', ')}${names.length > 6 ? ', …' : ''}`;
  return tags.length === 0
    ? list
    : `${list}, which spell ${JSON.stringify(shorten(letters(tags.join('')), 120))}`;
}
