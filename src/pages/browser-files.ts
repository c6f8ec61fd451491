/** The stylesheets and scripts that browsers load: the files in browser/, which the build copies to dist/. */
import { readFileSync } from 'node:fs';

export type BrowserScript = 'page.js' | 'approvals.js' | 'registry.js' | 'trace.js';
export type BrowserStyle = 'base.css' | 'approvals.css' | 'registry.css' | 'trace.css';

const texts = new Map<string, string>();

/** Reads each file once, when it is first requested. */
export function browserFile(name: BrowserScript | BrowserStyle): string {
  const text = texts.get(name) ?? readFileSync(new URL(`browser/${name}`, import.meta.url), 'utf8');
  texts.set(name, text);
  return text;
}
