/** Content blocks, resources and what they are made of. */
import { since } from '../rule.js';
import {
  all,
  anything,
  base64,
  bool,
  byMember,
  cite,
  fields,
  from,
  list,
  number,
  oneOf,
  record,
  type Shape,
  text,
  time,
  uri,
} from '../shape.js';

export const role = oneOf('user', 'assistant');
const unitInterval: Shape = (value, where, notes, citation) => {
  number(value, where, notes, citation);
  if (typeof value === 'number' && (value < 0 || value > 1))
    notes.problems.push({ where, expected: 'a number from 0 to 1', received: String(value), citation });
};
export const annotations = cite(
  { modern: '2026-07-28/resources/011' },
  fields({ 'audience?': list(role), 'priority?': unitInterval, 'lastModified?': from('2025-06-18', time) }),
);

const icon = fields({ src: text, 'mimeType?': text, 'sizes?': list(text), 'theme?': oneOf('light', 'dark') });
export const icons = from('2025-11-25', list(icon));
export const title = from('2025-06-18', text);
export const meta = from('2025-06-18', record);

/** The bytes of an image or a sound, and their type. */
const bytes = { data: base64, mimeType: text, 'annotations?': annotations, '_meta?': meta };

const RESOURCE_BYTES = { modern: '2026-07-28/resources/022', legacy: '2025-11-25/resources/012' } as const;
const RESOURCE_URI = { modern: '2026-07-28/resources/015', legacy: '2025-11-25/resources/007' } as const;
export const resourceUri = all(text, (value, where, notes) => {
  if (typeof value === 'string') uri(value, where, notes, RESOURCE_URI);
});

const contentsBase = { uri: resourceUri, 'mimeType?': text, '_meta?': meta };
const textContents = fields({ ...contentsBase, text });
const blobContents = fields({ ...contentsBase, blob: cite(RESOURCE_BYTES, base64) });
/** The contents of a resource: `text` or `blob`. */
export const contents: Shape = (value, where, notes, citation) => {
  const isBlob = typeof value === 'object' && value !== null && 'blob' in value;
  (isBlob ? blobContents : textContents)(value, where, notes, citation);
};

const linkMembers = {
  uri: resourceUri,
  name: text,
  'title?': title,
  'description?': text,
  'mimeType?': text,
  'size?': number,
  'icons?': icons,
  'annotations?': annotations,
  '_meta?': meta,
};
export const resource = fields(linkMembers);
export const resourceTemplate = fields({
  uriTemplate: text,
  name: text,
  'title?': title,
  'description?': text,
  'mimeType?': text,
  'icons?': icons,
  'annotations?': annotations,
  '_meta?': meta,
});

const blocks = {
  text: fields({ text, 'annotations?': annotations, '_meta?': meta }),
  image: fields(bytes),
  resource: fields({ resource: contents, 'annotations?': annotations, '_meta?': meta }),
};
const withAudio = { ...blocks, audio: fields(bytes) };
const withLinks = { ...withAudio, resource_link: fields(linkMembers) };
/** A block of a tool's result or of a prompt: sound came with 2025-03-26, links with 2025-06-18. */
const block = from(
  '2025-06-18',
  byMember('type', withLinks),
  from('2025-03-26', byMember('type', withAudio), byMember('type', blocks)),
);
/** The clauses that name the types of blocks. */
const BLOCK_TYPES = {
  legacy: { '2025-03-26': '2025-03-26/tools/001', '2024-11-05': '2024-11-05/tools/001' },
} as const;
export const toolBlock = cite(BLOCK_TYPES, block);

const PROMPT_BYTES = {
  image: { modern: '2026-07-28/prompts/008', legacy: '2025-11-25/prompts/003' },
  audio: { modern: '2026-07-28/prompts/009', legacy: since('2025-03-26', '2025-11-25/prompts/004') },
  resource: { modern: '2026-07-28/prompts/011', legacy: '2025-11-25/prompts/005' },
} as const;
export const promptBlock: Shape = (value, where, notes, citation) => {
  const type = (value as { type?: unknown } | null)?.type;
  const own = type === 'image' || type === 'audio' || type === 'resource' ? PROMPT_BYTES[type] : undefined;
  block(value, where, notes, own ?? citation);
};

const toolUse = fields({ id: text, name: text, input: record, '_meta?': meta });
const toolResult = fields({
  toolUseId: text,
  content: list(block),
  'structuredContent?': from('2026-07-28', anything, record),
  'isError?': bool,
  '_meta?': meta,
});
const plainSampled = from(
  '2025-03-26',
  byMember('type', { text: blocks.text, image: blocks.image, audio: withAudio.audio }),
  byMember('type', { text: blocks.text, image: blocks.image }),
);
const sampledBlock = byMember('type', {
  text: blocks.text,
  image: blocks.image,
  audio: withAudio.audio,
  tool_use: toolUse,
  tool_result: toolResult,
});
/** What a message of sampling holds: one block, or since 2025-11-25 several. */
export const samplingContent: Shape = from(
  '2025-11-25',
  (value, where, notes, citation) =>
    (Array.isArray(value) ? list(sampledBlock) : sampledBlock)(value, where, notes, citation),
  plainSampled,
);
