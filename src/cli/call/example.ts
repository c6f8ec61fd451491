/** Command lines to paste: how a tool is called, with a value of the right kind for each argument that it requires. */
import { shellWord } from '../../pages/shell.js';
import { replaceUnseen } from '../../pages/unseen.js';
import { isRecord, type JsonObject } from '../../wire/value.js';
import type { Target } from './invocation.js';
import { kindsOf, propertyOf } from './kinds.js';

/** `barewire call URL NAME sql='…'` */
export function exampleCall(target: Target, { name, inputSchema }: JsonObject): string {
  const words = [quoted(String(name)), ...exampleWords(inputSchema)];
  return commandLine('call', target, words);
}

export function commandLine(command: string, target: Target, words: readonly string[]): string {
  if (target.kind === 'http') return ['barewire', command, quoted(target.url.href), ...words].join(' ');
  return ['barewire', command, ...words, '--', ...target.command.map(quoted)].join(' ');
}

function exampleWords(schema: unknown): string[] {
  const { required } = isRecord(schema) ? schema : {};
  const names = Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
  return names.map((name) => {
    const part = propertyOf(schema, name);
    const value = exampleValue(part);
    const raw = typeof value === 'string' ? value : JSON.stringify(value);
    return `${quoted(name)}=${raw === '…' ? "'…'" : quoted(raw)}`;
  });
}

function exampleValue(part: unknown): unknown {
  const { enum: values, examples, default: fallback } = isRecord(part) ? part : {};
  const [first] = [values, examples].flatMap((list) => (Array.isArray(list) ? list : []));
  if (first !== undefined) return first;
  if (fallback !== undefined) return fallback;
  const kinds = kindsOf(part);
  if (kinds.has('string') || kinds.size === 0) return '…';
  if (kinds.has('number')) return isRecord(part) && typeof part.minimum === 'number' ? part.minimum : 1;
  if (kinds.has('boolean')) return true;
  if (kinds.has('array')) return isRecord(part) && kindsOf(part.items).has('string') ? '…' : [];
  return {};
}

export function quoted(text: string): string {
  // A terminal would obey control characters when the line is pasted.
  return shellWord(replaceUnseen(text, () => ''));
}
