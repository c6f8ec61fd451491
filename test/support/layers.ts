/** The rules about what may import what, as one pure function over a tree `{ path: text }` whose paths are relative to src/. */
import { posix } from 'node:path';
import { readSource } from './source.js';

/** In the order in which they may import: each imports its own files and the wings above it, nothing else. */
export const WINGS = [
  'wire',
  'client',
  'oauth',
  'cluster',
  'pages',
  'governance',
  'services',
  'demo',
  'lesson',
  'cli',
  'app',
  'walkthrough',
];
/** The two entries may import all wings. */
const ENTRIES = ['index.ts', 'server.ts'];
/** Files that know no clock, no timer, no process and no `node:` module: they are tested without any. */
const PURE = /^wire\/(?:(?:jsonrpc|schema|mcp)\/.*|(?!clock\.)[\w-]+\.ts)$|^governance\/policy\/(?!opa\/)/;
const MAX_LINES = 200;

/** A package that only the named rooms may import. */
const KEPT_IN: [RegExp, string[]][] = [
  [
    /^node:https?$/,
    [
      'wire/http',
      'client',
      'wire/server',
      'oauth',
      'pages',
      'governance/approval',
      'services',
      'lesson',
      'cli',
      'app',
      'walkthrough',
    ],
  ],
  [/^jose($|\/)/, ['oauth', 'governance/audit']],
  [/^ajv($|\/)/, ['wire/schema']],
];
const NOWHERE =
  /^(@modelcontextprotocol\/|@hono\/|@hapi\/|@koa\/|@nestjs\/)|^(express|fastify|fastmcp|koa|hono|h3|hapi|polka|connect|restify|find-my-way)($|\/)/;
const IMPURE =
  /(?<![.\w$])(?:globalThis\.)?(process\s*\.|Date\.now\s*\(|new Date\s*\(\s*\)|performance\.now\s*\(|Math\.random\s*\(|setTimeout\b|setInterval\b|setImmediate\b)/g;

const wingOf = (path: string) => path.split('/')[0] ?? path;

/** What breaks the rules, each as one sentence that begins with the file. */
export function violations(tree: Record<string, string>): string[] {
  const found: string[] = [];
  const arrows = new Map<string, string[]>();
  for (const [path, text] of Object.entries(tree)) {
    if (!WINGS.includes(wingOf(path)) && !ENTRIES.includes(path)) {
      found.push(`${path}: belongs to no wing`);
      continue;
    }
    const { code, bare, imports } = readSource(text);
    const targets: string[] = [];
    for (const specifier of imports) {
      if (specifier.startsWith('.')) {
        const target = posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts');
        targets.push(target);
        found.push(...arrowProblem(path, target, tree));
      } else found.push(...packageProblem(path, specifier));
    }
    arrows.set(path, targets);
    if (PURE.test(path)) {
      for (const [, use] of bare.matchAll(IMPURE)) found.push(`${path}: a pure file uses ${use}`);
    }
    const code32 = path === 'wire/fault.ts' ? null : /-32\d{3}\b/.exec(code);
    if (code32 !== null) found.push(`${path}: the number ${code32[0]} belongs in wire/fault.ts`);
    found.push(...lengthProblem(path, text));
  }
  return [...found, ...cycles(arrows)];
}

function arrowProblem(path: string, target: string, tree: Record<string, string>): string[] {
  if (!(target in tree)) return [`${path}: imports ${target}, which does not exist`];
  if (ENTRIES.includes(path)) return [];
  const [from, to] = [WINGS.indexOf(wingOf(path)), WINGS.indexOf(wingOf(target))];
  return to >= 0 && to <= from ? [] : [`${path}: imports ${target}, which its wing may not`];
}

function packageProblem(path: string, specifier: string): string[] {
  if (NOWHERE.test(specifier)) return [`${path}: nothing in src imports ${specifier}`];
  if (PURE.test(path) && specifier.startsWith('node:')) return [`${path}: a pure file imports ${specifier}`];
  return KEPT_IN.filter(
    ([name, rooms]) => name.test(specifier) && !rooms.some((room) => path.startsWith(`${room}/`)),
  ).map(([, rooms]) => `${path}: imports ${specifier}, which is kept in ${rooms.join(', ')}`);
}

function lengthProblem(path: string, text: string): string[] {
  const lines = text.trimEnd().split('\n').length;
  const header = /^(?:#![^\n]*\n)?\s*\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? '';
  if (lines <= MAX_LINES || header.includes('Over 200 lines because')) return [];
  return [`${path}: has ${lines} lines, and its header does not say "Over 200 lines because"`];
}

/** Each cycle once, written from the file where the walk met it. */
function cycles(arrows: Map<string, string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (path: string, trail: string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0)
      found.push(`${path}: imports itself by way of ${[...trail.slice(start), path].join(' > ')}`);
    if (start >= 0 || done.has(path)) return;
    for (const target of arrows.get(path) ?? []) walk(target, [...trail, path]);
    done.add(path);
  };
  for (const path of arrows.keys()) walk(path, []);
  return found;
}
