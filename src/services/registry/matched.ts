/** The tools of an entry that a search has found, as a list of results shows them. */
import type { Entry } from './entry.js';

export type Matched = {
  name: string;
  title?: string;
  description: string;
  scope: string;
  destructive: boolean;
};

export function matchedTools({ manifest }: Entry, names: readonly string[]): Matched[] {
  return names.flatMap((name) => {
    const tool = manifest?.tools.find((one) => one.name === name);
    if (tool === undefined) return [];
    const { title, description, scope, destructive } = tool;
    return { name, ...(title === undefined ? {} : { title }), description, scope, destructive };
  });
}
