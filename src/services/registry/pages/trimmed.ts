/**
 * What a stranger wrote, cut to what a page shows: each text, each list and each schema has a bound, and what is left out is
 * counted. Whatever works on a schema for a page works on this copy, so that no page costs more than a page.
 */
import { type Html, html } from '../../../pages/html.js';
import { unseenRuns } from '../../../pages/unseen.js';
import { visible } from '../../../pages/visible.js';
import { isRecord, type JsonObject, shorten } from '../../../wire/value.js';

export const MAX_TEXT = 4_096;
/** Each mark is longer than what it marks. */
export const MAX_MARKS = 100;

const MAX_NODES = 2_000;
const MAX_MEMBERS = 200;
const MAX_SCHEMA_TEXT = 1_000;
const MAX_NAME = 128;

/** The text as `visible` shows it, or its beginning and how much there is more of it. */
export function shown(text: string, most = MAX_TEXT): Html {
  const end = endOf(text, most);
  if (end === text.length) return visible(text);
  return html`${visible(text.slice(0, end))}<span class="unseen">… and ${text.length - end} more characters</span>`;
}

/** Where to stop: after so many characters, or so many runs of those that show nothing. */
function endOf(text: string, most: number): number {
  // Whole characters, however many of one kind stand in a row.
  let end = Math.min(text.length, most);
  let marks = 0;
  for (const { at } of unseenRuns(text.slice(0, most))) {
    marks += 1;
    if (marks <= MAX_MARKS) continue;
    end = at;
    break;
  }
  return end < text.length && /[\ud800-\udbff]/.test(text[end - 1] ?? '') ? end - 1 : end;
}

/** `cut`: there was more. */
export function trimmed(schema: JsonObject): { schema: JsonObject; cut: boolean } {
  let left = MAX_NODES;
  let cut = false;

  function copy(value: unknown): unknown {
    left -= 1;
    if (typeof value === 'string') {
      cut ||= value.length > MAX_SCHEMA_TEXT;
      return shorten(value, MAX_SCHEMA_TEXT);
    }
    if (Array.isArray(value)) {
      const items: unknown[] = [];
      for (const item of value) {
        if (full(items.length)) break;
        items.push(copy(item));
      }
      return items;
    }
    return isRecord(value) ? copyOf(value) : value;
  }

  function copyOf(value: JsonObject): JsonObject {
    const members: [string, unknown][] = [];
    for (const [key, member] of Object.entries(value)) {
      if (full(members.length)) break;
      members.push([shorten(key, MAX_NAME), copy(member)]);
    }
    return Object.fromEntries(members);
  }

  function full(count: number): boolean {
    if (left > 0 && count < MAX_MEMBERS) return false;
    cut = true;
    return true;
  }

  return { schema: copyOf(schema), cut };
}
