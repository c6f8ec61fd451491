/** Tools, their lists and their results. */
import { isRecord } from '../../../wire/value.js';
import { since } from '../rule.js';
import { anything, bool, cite, fields, from, list, note, oneOf, record, type Shape, text } from '../shape.js';
import { icons, meta, title, toolBlock } from './content.js';

const SCHEMA = { modern: '2026-07-28/tools/011', legacy: '2025-11-25/tools/003' } as const;
const ROOT = { modern: '2026-07-28/schema/019' } as const;
const inputSchema: Shape = (value, where, notes, citation) => {
  cite(SCHEMA, record)(value, where, notes, citation);
  if (isRecord(value)) cite(ROOT, fields({ type: oneOf('object') }))(value, where, notes, citation);
};
const OUTPUT_ROOT = { legacy: since('2025-06-18', '2025-11-25/tools/012') } as const;
const outputSchema: Shape = (value, where, notes, citation) => {
  record(value, where, notes, citation);
  if (isRecord(value) && notes.revision !== '2026-07-28')
    cite(OUTPUT_ROOT, fields({ type: oneOf('object') }))(value, where, notes, citation);
};
const hints = fields({
  'title?': text,
  'readOnlyHint?': bool,
  'destructiveHint?': bool,
  'idempotentHint?': bool,
  'openWorldHint?': bool,
});

export const tool = fields({
  name: text,
  inputSchema,
  'outputSchema?': from('2025-06-18', outputSchema),
  'title?': title,
  'description?': text,
  'annotations?': from('2025-03-26', hints),
  'icons?': icons,
  '_meta?': meta,
});
const support: Shape = (value, where, notes, citation) => {
  if (notes.revision === '2025-11-25')
    fields({ 'execution?': fields({ 'taskSupport?': oneOf('forbidden', 'optional', 'required') }) })(
      value,
      where,
      notes,
      citation,
    );
};
export const listedTools = list((value, where, notes, citation) => {
  tool(value, where, notes, citation);
  if (isRecord(value)) support(value, where, notes, citation);
});

const CONTENT = { modern: '2026-07-28/schema/013' } as const;
const content: Shape = (value, where, notes, citation) => {
  if (!Array.isArray(value))
    note(notes, where, 'an array', value, notes.revision === '2026-07-28' ? CONTENT : citation);
  else list(toolBlock)(value, where, notes, citation);
};
export const toolResult = fields({
  content,
  'isError?': bool,
  'structuredContent?': from('2026-07-28', anything, from('2025-06-18', record)),
});
