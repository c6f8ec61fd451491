/** The result of a call, a resource or a prompt, for a person to read. */
import type { Look } from '../../lesson/look.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import { safeLine, safeText } from './safe.js';

/** `exact`: text is printed as it came, for a pipe. */
export type ResultLook = Look & { exact: boolean };

/** What a tool returned, whether it failed or not. */
export function toolResultLines(result: JsonObject, look: ResultLook): string[] {
  const { content, structuredContent } = result;
  const blocks = Array.isArray(content) ? content.filter(isRecord) : [];
  const structuredLines = structuredContent === undefined ? [] : jsonLines(structuredContent, look);
  // Servers repeat the structured content as text for clients that do not know it (2026-07-28/tools/028).
  const others =
    structuredContent === undefined ? blocks : blocks.filter((block) => !repeats(block, structuredContent));
  return [...others.flatMap((block) => blockLines(block, look)), ...structuredLines];
}

export function resourceLines({ contents }: JsonObject, look: ResultLook): string[] {
  const parts = Array.isArray(contents) ? contents.filter(isRecord) : [];
  const several = parts.length > 1;
  return parts.flatMap((part) => [
    ...(several ? [look.paint('quiet', `${safeLine(part.uri)}  ${safeLine(part.mimeType)}`.trim())] : []),
    ...contentLines(part, look),
  ]);
}

export function promptLines({ description, messages }: JsonObject, look: ResultLook): string[] {
  const list = Array.isArray(messages) ? messages.filter(isRecord) : [];
  return [
    ...(typeof description === 'string' ? [look.paint('quiet', safeLine(description)), ''] : []),
    ...list.flatMap(({ role, content }) => {
      const blocks = (Array.isArray(content) ? content : [content]).filter(isRecord);
      return [
        look.paint('title', `${safeLine(role)}:`),
        ...blocks.flatMap((block) => blockLines(block, look)),
      ];
    }),
  ];
}

export function jsonLines(value: unknown, look: ResultLook): string[] {
  return textLines(laidOut(value, look.width, ''), look);
}

/** JSON with what fits on one line on one line. */
function laidOut(value: unknown, width: number, indent: string): string {
  const short = JSON.stringify(value);
  const open = Array.isArray(value) ? '[' : '{';
  if (typeof value !== 'object' || value === null || indent.length + short.length <= width) return short;
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((item) => laidOut(item, width, inner))
    : Object.entries(value).map(
        ([name, member]) => `${JSON.stringify(name)}: ${laidOut(member, width, inner)}`,
      );
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${open === '[' ? ']' : '}'}`;
}

function blockLines(block: JsonObject, look: ResultLook): string[] {
  const { type, text, data, mimeType, uri, name, description, resource } = block;
  if (type === 'text') return textLines(String(text ?? ''), look);
  if (type === 'image' || type === 'audio') return [look.paint('quiet', binaryText(type, data, mimeType))];
  if (type === 'resource_link') {
    const about = [safeLine(name), safeLine(mimeType, 60), safeLine(description)].filter(
      (part) => part !== '',
    );
    return [`${safeLine(uri)}  ${look.paint('quiet', about.join(' · '))}`.trimEnd()];
  }
  if (type === 'resource' && isRecord(resource))
    return [look.paint('quiet', `resource ${safeLine(resource.uri)}`), ...contentLines(resource, look)];
  return [
    look.paint('quiet', `(content of the type ${safeLine(type, 40) || 'nothing'}, which --json shows)`),
  ];
}

function contentLines({ text, blob, mimeType }: JsonObject, look: ResultLook): string[] {
  if (typeof text === 'string') return textLines(text, look);
  return [look.paint('quiet', binaryText('data', blob, mimeType))];
}

function binaryText(what: string, data: unknown, mimeType: unknown): string {
  const bytes = typeof data === 'string' ? Buffer.byteLength(data, 'base64') : 0;
  return `(${what}, ${safeLine(mimeType, 60) || 'of an unknown type'}, ${bytes} bytes; --json has it as base64)`;
}

function textLines(text: string, { exact }: ResultLook): string[] {
  const lines = (exact ? text : safeText(text)).split('\n');
  // The line break at the end of the text is the one that the line ends with.
  return lines.length > 1 && lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function repeats({ type, text }: JsonObject, value: unknown): boolean {
  if (type !== 'text' || typeof text !== 'string') return false;
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(value);
  } catch {
    return false;
  }
}
