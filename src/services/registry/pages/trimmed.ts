/**
 * Text and schemas from strangers, cut to what a page shows: each text, list and schema has a limit, and what is left out is
 * counted. The pages work on these copies only, so no manifest makes a page expensive.
 */
import { type Html, html } from '../../../pages/html.js';
import { unseenRuns } from '../../../pages/unseen.js';
import { visible } from '../../../pages/visible.js';
import { isRecord, type JsonObject, shorten } from '../../../wire/value.js';

export const MAX_TEXT = 4_096;
/** A mark for an invisible character is longer than the character. */
export const MAX_MARKS = 100;

const MAX_NODES = 2_000;
const MAX_MEMBERS = 200;
const MAX_SCHEMA_TEXT = 1_000;
const MAX_NAME = 128;

/**
 * The text as `visible` shows it, or its beginning and the number of characters that follow. It stops after `most` characters
 * or MAX_MARKS marks, and not within a character.
 */
export function excerpt(text: string, most = MAX_TEXT): Html {
  const end = [...unseenRuns(text.slice(0, most))][MAX_MARKS]?.at ?? most;
  if (end >= text.length) return visible(text);
  const start = text.slice(0, end).replace(/[\ud800-\udbff]$/, '');
  return html`${visible(start)}<span class="unseen">… and ${text.length - start.length} more characters</span>`;
}

/** A copy of the schema within the limits. `cut`: something was left out. */
export function trimSchema(schema: JsonObject): { schema: JsonObject; cut: boolean } {
  let left = MAX_NODES;
  let cut = false;

  function copy(value: unknown): unknown {
    left -= 1;
    if (typeof value === 'string') {
      cut ||= value.length > MAX_SCHEMA_TEXT;
      return shorten(value, MAX_SCHEMA_TEXT);
    }
    if (Array.isArray(value)) return copyAll(value, copy);
    return isRecord(value) ? copyObject(value) : value;
  }

  function copyObject(value: JsonObject): JsonObject {
    const members = copyAll(Object.entries(value), ([key, member]) => [shorten(key, MAX_NAME), copy(member)]);
    return Object.fromEntries(members);
  }

  function copyAll<Item, Copy>(items: readonly Item[], copyItem: (item: Item) => Copy): Copy[] {
    const copies: Copy[] = [];
    for (const item of items) {
      if (left <= 0 || copies.length === MAX_MEMBERS) {
        cut = true;
        break;
      }
      copies.push(copyItem(item));
    }
    return copies;
  }

  return { schema: copyObject(schema), cut };
}
