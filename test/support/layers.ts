/**
 * The rules about what may know what, as one pure function over a tree `{ path: text }` whose paths are relative
 * to src/. The ranks are those of the table "Rooms and ranks" of the design.
 */
import { posix } from 'node:path';
import { readSource } from './source.js';

const ROOMS: [rank: number, rooms: string[]][] = [
  [0, ['fault.ts', 'principal.ts', 'registry-names.ts', 'revisions.ts', 'typos.ts', 'unseen.ts', 'value.ts']],
  [0.5, ['shared-state.ts']],
  [1, ['jsonrpc', 'schema']],
  [2, ['mcp', 'policy', 'manifest']],
  [3, ['http', 'stdio', 'auth', 'audit', 'approval', 'opa', 'store']],
  // Between the pure rooms and the edges.
  [2.5, ['clock.ts', 'process-owner.ts', 'sha256.ts']],
  [2.6, ['private-folder.ts']],
  // What several services do alike.
  [3.5, ['outbound', 'replicas', 'signin']],
  [4, ['tools']],
  [5, ['endpoint', 'registry', 'authserver', 'approver', 'trace']],
  // Files on their own, between the ranks of the table: what app.ts is told, and what only server.ts needs.
  [5.3, ['kept-switches.ts']],
  [
    5.4,
    [
      'ask-switches.ts',
      'secret-file.ts',
      'setting-values.ts',
      'state-folder.ts',
      'stray-errors.ts',
      'troubles.ts',
      'watched-file.ts',
    ],
  ],
  [5.5, ['config.ts', 'follow.ts', 'switches.ts']],
  [
    5.6,
    [
      'data.ts',
      'needless-secrets.ts',
      'operator.ts',
      'own-tools.ts',
      'plaintext.ts',
      'servers.ts',
      'setting-source.ts',
      'switchboard.ts',
    ],
  ],
  [5.7, ['access.ts', 'person.ts']],
  [5.8, ['governance.ts', 'identifiers.ts', 'registry-service.ts', 'tracing.ts']],
  [5.9, ['optional.ts']],
  [6, ['app.ts', 'index.ts']],
  [6.5, ['arguments.ts', 'commands', 'memory.ts', 'open-files.ts', 'welcome.ts']],
  [6.8, ['program.ts']],
  [7, ['server.ts', 'walkthrough']],
];
const RANKS = new Map(ROOMS.flatMap(([rank, rooms]) => rooms.map((room) => [room, rank])));
const PURE_UP_TO = 2;
const MAX_LINES = 200;

/** A package that only the named rooms may import. */
const KEPT_IN: [RegExp, string[]][] = [
  [
    /^node:https?$/,
    [
      'http',
      'outbound',
      'signin',
      'endpoint',
      'registry',
      'authserver',
      'approver',
      'trace',
      'app.ts',
      'walkthrough',
    ],
  ],
  [/^jose($|\/)/, ['auth']],
  [/^ajv($|\/)/, ['schema']],
];
const NOWHERE =
  /^(@modelcontextprotocol\/|@hono\/|@hapi\/|@koa\/|@nestjs\/)|^(express|fastify|fastmcp|koa|hono|h3|hapi|polka|connect|restify|find-my-way)($|\/)/;
const IMPURE =
  /(?<![.\w$])(?:globalThis\.)?(process\s*\.|Date\.now\s*\(|new Date\s*\(\s*\)|performance\.now\s*\(|Math\.random\s*\(|setTimeout\b|setInterval\b|setImmediate\b)/g;

const roomOf = (path: string) => path.split('/')[0] ?? path;

/** What breaks the rules, each as one sentence that begins with the file. */
export function violations(tree: Record<string, string>): string[] {
  const found: string[] = [];
  const arrows = new Map<string, string[]>();
  for (const [path, text] of Object.entries(tree)) {
    const room = roomOf(path);
    const rank = RANKS.get(room);
    if (rank === undefined) {
      found.push(`${path}: the room ${room} has no rank`);
      continue;
    }
    const { code, bare, imports } = readSource(text);
    const targets: string[] = [];
    for (const specifier of imports) {
      if (specifier.startsWith('.')) {
        const target = posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts');
        targets.push(target);
        found.push(...arrowProblem(path, target, tree));
      } else found.push(...packageProblem(path, rank, specifier));
    }
    arrows.set(path, targets);
    if (rank <= PURE_UP_TO) {
      for (const [, use] of bare.matchAll(IMPURE)) found.push(`${path}: a pure room uses ${use}`);
    }
    const code32 = path === 'fault.ts' ? null : /-32\d{3}\b/.exec(code);
    if (code32 !== null) found.push(`${path}: the number ${code32[0]} belongs in fault.ts`);
    found.push(...lengthProblem(path, text));
  }
  return [...found, ...cycles(arrows)];
}

function arrowProblem(path: string, target: string, tree: Record<string, string>): string[] {
  const [from, to] = [roomOf(path), roomOf(target)];
  if (!(target in tree)) return [`${path}: imports ${target}, which does not exist`];
  if (from === to) return [];
  const [rank, targetRank] = [RANKS.get(from) ?? 0, RANKS.get(to) ?? Number.POSITIVE_INFINITY];
  return targetRank < rank ? [] : [`${path}: rank ${rank} imports ${target} of rank ${targetRank}`];
}

function packageProblem(path: string, rank: number, specifier: string): string[] {
  if (NOWHERE.test(specifier)) return [`${path}: nothing in src imports ${specifier}`];
  if (rank <= PURE_UP_TO && specifier.startsWith('node:'))
    return [`${path}: a pure room imports ${specifier}`];
  return KEPT_IN.filter(([name, rooms]) => name.test(specifier) && !rooms.includes(roomOf(path))).map(
    ([, rooms]) => `${path}: imports ${specifier}, which is kept in ${rooms.join(', ')}`,
  );
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
