/** What a server asks of its client, and what the client answers: elicitation, sampling, roots. */
import { isRecord } from '../../../wire/value.js';
import { since } from '../rule.js';
import {
  a,
  all,
  bool,
  byMember,
  cite,
  dictionary,
  either,
  fields,
  from,
  integer,
  list,
  number,
  oneOf,
  record,
  type Shape,
  text,
  uri,
} from '../shape.js';
import { role, samplingContent } from './content.js';
import { tool } from './tools.js';

const FLAT = {
  modern: '2026-07-28/elicitation/009',
  legacy: { '2025-06-18': '2025-06-18/elicitation/002' },
} as const;
const titledConstants = list(fields({ const: text, title: text }));
const hasDefault = (shape: Shape): Shape => from('2025-11-25', shape);
const commonMembers = { 'title?': text, 'description?': text };
const string = fields({
  ...commonMembers,
  'enum?': list(text),
  'enumNames?': list(text),
  'oneOf?': from('2025-11-25', titledConstants),
  'format?': oneOf('email', 'uri', 'date', 'date-time'),
  'minLength?': integer,
  'maxLength?': integer,
  'default?': hasDefault(text),
});
const numeric = fields({
  ...commonMembers,
  'minimum?': number,
  'maximum?': number,
  'default?': hasDefault(number),
});
/** The choice of several from an enumeration: the one array that is allowed, since 2025-11-25. */
const choices = fields({
  ...commonMembers,
  items: either(
    'an object with "enum" or "anyOf"',
    fields({ type: oneOf('string'), enum: list(text) }),
    fields({ anyOf: titledConstants }),
  ),
  'minItems?': integer,
  'maxItems?': integer,
  'default?': list(text),
});
const primitives = {
  string,
  number: numeric,
  integer: numeric,
  boolean: fields({ ...commonMembers, 'default?': bool }),
};
const property = from(
  '2025-11-25',
  byMember('type', { ...primitives, array: choices }),
  byMember('type', primitives),
);
const requestedSchema = cite(
  FLAT,
  fields({ type: oneOf('object'), properties: dictionary(property), 'required?': list(text) }),
);

const message = cite(
  { modern: '2026-07-28/elicitation/006', legacy: since('2025-06-18', '2025-11-25/elicitation/003') },
  text,
);
const FORM = {
  modern: '2026-07-28/elicitation/008',
  legacy: since('2025-06-18', '2025-11-25/elicitation/004'),
} as const;
const schemaMember: Shape = (value, where, notes, citation) =>
  (isRecord(value) ? requestedSchema : cite(FORM, record))(value, where, notes, citation);
const form = fields({ message, requestedSchema: schemaMember });
const URL_MODE = {
  modern: '2026-07-28/elicitation/011',
  legacy: { '2025-11-25': '2025-11-25/elicitation/005' },
} as const;
const VALID_URL = {
  modern: '2026-07-28/elicitation/012',
  legacy: { '2025-11-25': '2025-11-25/elicitation/005' },
} as const;
const url: Shape = (value, where, notes, citation) =>
  cite(typeof value === 'string' ? VALID_URL : URL_MODE, uri)(value, where, notes, citation);
/** A question at a URL. Its id is a matter of 2025-11-25 alone. */
const urlQuestion = from(
  '2026-07-28',
  fields({ message, url }),
  fields({ message, url, elicitationId: cite(URL_MODE, text) }),
);
/** What the data of -32042 lists. */
export const requiredQuestion = all(fields({ mode: oneOf('url') }), urlQuestion);
const formOrUrl: Shape = (value, where, notes, citation) => {
  const mode = (value as { mode?: unknown } | null)?.mode;
  if (mode === 'url') return urlQuestion(value, where, notes, citation);
  form(value, where, notes, citation);
  cite(FORM, fields({ 'mode?': oneOf('form', 'url') }))(value, where, notes, citation);
};
/** Up to 2025-06-18 there were forms alone, and no `mode`. */
export const elicitParams = from('2025-11-25', formOrUrl, form);

const formContent = dictionary(
  from(
    '2025-11-25',
    either('a string, a number, true or false, or an array of strings', text, number, bool, list(text)),
    either('a string, a number, true or false', text, number, bool),
  ),
);
export const elicitResult = fields({ action: oneOf('accept', 'decline', 'cancel'), 'content?': formContent });

const MESSAGES = { modern: '2026-07-28/sampling/006' } as const;
export const sampleParams = fields({
  messages: list(cite(MESSAGES, fields({ role, content: samplingContent }))),
  maxTokens: number,
  'systemPrompt?': text,
  'temperature?': number,
  'stopSequences?': list(text),
  'includeContext?': oneOf('none', 'thisServer', 'allServers'),
  'metadata?': record,
  'modelPreferences?': fields({
    'hints?': list(fields({ 'name?': text })),
    'costPriority?': number,
    'speedPriority?': number,
    'intelligencePriority?': number,
  }),
  'tools?': from('2025-11-25', list(tool)),
  'toolChoice?': from('2025-11-25', fields({ 'mode?': oneOf('auto', 'required', 'none') })),
});
export const sampleResult = fields({ role, content: samplingContent, model: text, 'stopReason?': text });

const FILE_ROOT = { modern: '2026-07-28/roots/003' } as const;
const fileUri = a(
  'a URI that begins with file://',
  (value) => typeof value === 'string' && /^file:\/\//i.test(value),
);
const rootUri = from('2026-07-28', cite(FILE_ROOT, fileUri), text);
export const rootsResult = fields({ roots: list(fields({ uri: rootUri, 'name?': text })) });
