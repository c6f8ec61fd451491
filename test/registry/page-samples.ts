/** Made-up servers, and the views of them that the registry's pages are made from. */
import { createHash } from 'node:crypto';
import type { Problem } from '../../src/pages/reply.js';
import { attentionOf } from '../../src/services/registry/attention.js';
import type { Actor, Change, Entry, Finding } from '../../src/services/registry/entry.js';
import { createManifest, type ToolDefinition } from '../../src/services/registry/manifest/manifest.js';
import type { ListView, ServerPageView, Visitor } from '../../src/services/registry/page-view.js';
import { problemPage as problemOf } from '../../src/services/registry/pages/layout.js';
import { listPage as listOf } from '../../src/services/registry/pages/list.js';
import { serverPage as serverOf } from '../../src/services/registry/pages/server-page.js';
import type { Facets, Query } from '../../src/services/registry/search/types.js';
import { type Contact, summaryOf, viewOf } from '../../src/services/registry/view.js';

/** The pages as texts, in a process that runs the registry alone. */
export const listPage = (view: ListView): string => listOf(view)({});
export const serverPage = (view: ServerPageView): string => serverOf(view)({});
export const problemPage = (problem: Problem): string => problemOf(problem)({});

export const VISITOR: Visitor = { user: 'amara.patel1@example.com', tenant: 'demo', csrf: 'csrf-of-amara' };
export const AMARA: Actor = { user: VISITOR.user, tenant: VISITOR.tenant };
const REGISTRY: Actor = { user: 'registry' };
const AT = '2026-03-02T09:30:00Z';
const NOW = new Date('2026-03-02T10:02:00Z');
const CONTACT: Contact = { checkedAt: '2026-03-02T10:00:00Z', nextAt: '2026-03-02T10:05:00Z', failures: 0 };
export const QUERY: Query = { q: '', offset: 0, limit: 20 };

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const CREATE: ToolDefinition = {
  name: 'jira.create',
  title: 'Create a Jira issue',
  description:
    'Creates an issue with status To Do. Each call creates another issue.\nA person approves each call first.',
  scope: 'jira:write',
  destructive: true,
  inputSchema: {
    type: 'object',
    properties: {
      project: {
        type: 'string',
        pattern: '^[A-Z][A-Z0-9]{1,9}$',
        description: 'Key of the project, such as OPS.',
      },
      type: { type: 'string', enum: ['Task', 'Bug', 'Incident'] },
      summary: { type: 'string', minLength: 1, maxLength: 255 },
      points: { type: 'integer', minimum: 0, maximum: 100, default: 1 },
      labels: { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 50 } },
      links: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            to: { type: 'string', description: 'Another issue.' },
            kind: { enum: ['blocks', 'relates'] },
          },
          required: ['to'],
        },
      },
    },
    required: ['project', 'type', 'summary'],
    additionalProperties: false,
  },
  outputSchema: {
    type: 'object',
    properties: { key: { type: 'string' }, url: { type: 'string', format: 'uri' } },
    required: ['key'],
  },
};
export const SEARCH: ToolDefinition = {
  name: 'jira.search',
  title: 'Find Jira issues',
  description: 'Finds issues by JQL. Reads only.',
  scope: 'jira:read',
  destructive: false,
  inputSchema: {
    type: 'object',
    properties: {
      jql: { type: 'string', description: "What to look for, such as: project = OPS and status = 'To Do'" },
      limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    },
    required: ['jql'],
  },
};
const QUERY_TOOL: ToolDefinition = {
  name: 'postgres.readonly',
  title: 'Query Postgres',
  description: 'Runs one SQL statement in a transaction that only reads, and gives its rows.',
  scope: 'postgres:query:readonly',
  destructive: false,
  inputSchema: { type: 'object', properties: { sql: { type: 'string' } }, required: ['sql'] },
};

type Given = {
  name: string;
  title?: string;
  owner?: string;
  tools?: readonly ToolDefinition[];
  url?: string;
};

export function entryOf({ name, title, owner, tools, url }: Given, more: Partial<Entry> = {}): Entry {
  const origin = `https://${name.replace(/[^\w-]/g, '-')}.example.com`;
  const manifest = createManifest({
    name,
    title,
    version: '2.4.1',
    url: url ?? `${origin}/mcp`,
    auth: {
      issuers: ['https://login.example.com'],
      resourceMetadata: `${origin}/.well-known/oauth-protected-resource`,
    },
    owner: owner ?? 'Platform Data, #platform-data',
    slo: { availabilityPercent: 99.9, p99Ms: 800 },
    tools: tools ?? [CREATE, SEARCH],
  });
  return {
    address: `${origin}/.well-known/mcp-capabilities`,
    name,
    addedAt: AT,
    addedBy: AMARA,
    manifest,
    held: {},
    toolSwitches: {},
    findings: [],
    versions: [],
    changedAt: AT,
    seq: 7,
    ...more,
  };
}

export const FINDINGS: readonly Finding[] = [
  {
    code: 'slow',
    severity: 'info',
    message: 'The manifest took 900 ms.',
    mend: 'Nothing has to be done; a promise is broken at 2000 ms.',
  },
  {
    code: 'tool-drift',
    severity: 'error',
    tool: 'jira.create',
    message: 'tools/list tells another description of jira.create than the manifest does.',
    mend: 'Publish the manifest and the tools from the same build.',
  },
  {
    code: 'certificate-ends',
    severity: 'warning',
    message: 'The certificate of tools.example.com ends in 9 days.',
    mend: 'Renew it before 2026-03-11.',
  },
];

function toolOf({ manifest }: Entry, name: string) {
  const tool = manifest?.tools.find((one) => one.name === name);
  if (tool === undefined) throw new Error(`no ${name} here`);
  return tool;
}

const JIRA = entryOf({
  name: 'internal/jira',
  title: 'Jira for agents',
  owner: 'Delivery Tools, #delivery-tools',
});

/** Changed in a word that few would see, with findings, and a tool that somebody has switched off. */
export function heldEntry(): Entry {
  const now = toolOf(JIRA, 'jira.create');
  return {
    ...JIRA,
    held: {
      'jira.create': {
        ...now,
        description: now.description.replace('Each call', 'Never'),
        destructive: false,
      },
    },
    toolSwitches: {
      'jira.search': { enabled: false, by: AMARA, reason: 'It times out since the upgrade.', at: AT },
    },
    findings: FINDINGS,
  };
}

export const HISTORY: readonly Change[] = (
  [
    { kind: 'switched', tool: 'jira.search', enabled: false, reason: 'It times out since the upgrade.' },
    {
      kind: 'tool-quarantined',
      tool: 'jira.create',
      before: toolOf(JIRA, 'jira.create'),
      after: toolOf(JIRA, 'jira.create'),
    },
    { kind: 'findings', found: FINDINGS, gone: [] },
    { kind: 'manifest', version: '2.4.1', digest: `sha256:${'4'.repeat(64)}` },
    { kind: 'added' },
  ] as const
).map((one, at) => ({
  ...one,
  seq: 9 - at,
  at: AT,
  by: one.kind === 'switched' || one.kind === 'added' ? AMARA : REGISTRY,
  address: JIRA.address,
  name: JIRA.name,
}));

export function serverView(
  entry: Entry,
  more: Partial<ServerPageView> = {},
  contact = CONTACT,
): ServerPageView {
  return {
    server: viewOf(entry, contact),
    history: HISTORY,
    older: false,
    now: NOW,
    issuer: 'https://login.example.com',
    ...more,
  };
}

/** Those of the pages of one server, by the name in their address. */
export const SERVERS: { [name: string]: () => ServerPageView } = {
  'data-warehouse': () =>
    serverView(entryOf({ name: 'data-warehouse', title: 'Warehouse', tools: [QUERY_TOOL] })),
  'internal/jira': () => serverView(heldEntry(), { visitor: VISITOR, older: true }),
  moved: () => {
    const entry = entryOf({ name: 'moved', url: 'https://elsewhere.example.net/mcp', owner: 'Unknown' });
    const heldIdentity = {
      name: 'moved',
      url: 'https://moved.example.com/mcp',
      owner: 'Payments, #payments',
      issuers: ['https://login.example.com'],
    };
    return serverView({ ...entry, heldIdentity }, { visitor: VISITOR });
  },
  pending: () => {
    const { manifest, ...entry } = entryOf({ name: 'pending' });
    return serverView(
      { ...entry, name: entry.address },
      {
        visitor: VISITOR,
        history: HISTORY.slice(-1),
        formResult: { kind: 'done', text: 'Added. It is checked now.' },
      },
      { failures: 0 },
    );
  },
};

const TEAMS = ['Platform Data, #platform-data', 'Delivery Tools, #delivery-tools', 'Payments, #payments'];

export const MANY: readonly Entry[] = Array.from({ length: 60 }, (_, at) => {
  const name = ['jira', 'warehouse', 'payments', 'search', 'files'][at % 5] ?? '';
  const tools = at % 3 === 0 ? [CREATE, SEARCH] : [QUERY_TOOL];
  const entry = entryOf({
    name: `${name}-${String(at + 1).padStart(2, '0')}`,
    title: `${name} for team ${at + 1}`,
    owner: TEAMS[at % 3] ?? '',
    tools,
  });
  if (at === 3)
    return { ...entry, held: { 'jira.create': toolOf(entry, 'jira.create') }, findings: FINDINGS };
  if (at === 5) return { ...entry, switch: { enabled: false, by: AMARA, reason: 'Being moved.', at: AT } };
  return entry;
});

/** Not the registry's search, but enough of one to see how the page shows results. */
export function listViewOf(entries: readonly Entry[], query: Query, more: Partial<ListView> = {}): ListView {
  const word = query.q.toLowerCase();
  const rows = entries
    .map((entry) => {
      const all = entry.manifest?.tools ?? [];
      const matched =
        word === '' ? [] : all.filter((one) => `${one.name} ${one.title}`.toLowerCase().includes(word));
      return {
        ...summaryOf(entry, CONTACT),
        matched: matched.slice(0, 5),
        attention: attentionOf(entry),
        all,
      };
    })
    .filter(({ name, matched }) => word === '' || name.includes(word) || matched.length > 0)
    .filter(({ owner }) => query.owner === undefined || owner === query.owner)
    .filter(({ state }) => query.state === undefined || state === query.state)
    .filter(({ all }) => query.scope === undefined || all.some(({ scope }) => scope === query.scope))
    .filter(
      ({ all }) =>
        query.destructive === undefined || all.some(({ destructive }) => destructive === query.destructive),
    );
  const count = (valuesOf: (row: (typeof rows)[number]) => string[]): { value: string; count: number }[] => {
    const counts = new Map<string, number>();
    for (const value of rows.flatMap((row) => [...new Set(valuesOf(row))]))
      counts.set(value, (counts.get(value) ?? 0) + 1);
    return [...counts]
      .map(([value, count]) => ({ value, count }))
      .sort((one, other) => other.count - one.count);
  };
  const facets: Facets = {
    owner: count(({ owner }) => (owner === undefined ? [] : [owner])),
    scope: count(({ all }) => all.map(({ scope }) => scope)),
    destructive: count(({ all }) => all.map(({ destructive }) => String(destructive))),
    state: count(({ state }) => [state]),
  };
  const servers = rows.slice(query.offset, query.offset + query.limit).map(({ all: _, ...row }) => row);
  return { query, total: rows.length, all: entries.length, servers, facets, now: NOW, ...more };
}
