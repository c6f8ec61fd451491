/** What the registry's pages say, and how they show hostile manifests. */
import { execFileSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Change, ChangeDetails } from '../../src/services/registry/entry.js';
import type { ToolDefinition } from '../../src/services/registry/manifest/manifest.js';
import { hasPath, listAddress } from '../../src/services/registry/pages/address.js';
import { curlLine } from '../../src/services/registry/pages/curl.js';
import { markChange } from '../../src/services/registry/pages/quarantine.js';
import { sentenceOf } from '../../src/services/registry/pages/server-page.js';
import { needing } from '../support/programs.js';
import {
  AMARA,
  CREATE,
  entryOf,
  FINDINGS,
  heldEntry,
  listPage,
  listViewOf,
  MANY,
  problemPage,
  QUERY,
  SERVERS,
  serverPage,
  serverView,
  VISITOR,
} from './page-samples.js';

const test = suite('registry/pages');
const HOSTILE = `"><script>alert(1)</script><img src=x onerror='alert(1)'>\u202e&`;
/** What goes back to the registry as it is: it is read by no person, or was typed by one. */
const UNSHOWN = / (?:value|data-server|data-address)="[^"]*"/g;
const EVERY_PAGE = {
  empty: () => listPage(listViewOf([], QUERY)),
  list: () => listPage(listViewOf(MANY, QUERY, { visitor: VISITOR })),
  ...Object.fromEntries(Object.entries(SERVERS).map(([name, view]) => [name, () => serverPage(view())])),
  notice: () => problemPage({ status: 404, title: 'No such server', problem: 'It may have been removed.' }),
};

/** Elements and attributes that a page has, as a browser would read them: nothing here may have come from a manifest. */
function tagsOf(page: string): string[] {
  return [...page.matchAll(/<([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*>/g)].map(([, name, rest]) =>
    [
      name,
      ...[...(rest ?? '').replace(/"[^"]*"/g, '').matchAll(/\s([a-z-]+)(?:=|\s|$)/g)].map((one) => one[1]),
    ].join(' '),
  );
}

test('text from a manifest is text wherever it is shown, and never markup', () => {
  const tool: ToolDefinition = {
    ...CREATE,
    name: HOSTILE,
    title: HOSTILE,
    description: HOSTILE,
    scope: HOSTILE,
    inputSchema: {
      type: 'object',
      properties: {
        [HOSTILE]: {
          type: HOSTILE,
          description: HOSTILE,
          pattern: HOSTILE,
          enum: [HOSTILE],
          format: HOSTILE,
        },
      },
      required: [HOSTILE],
      [HOSTILE]: HOSTILE,
    },
  };
  const plain = {
    ...tool,
    name: 'a',
    title: 'a',
    description: 'a',
    scope: 'a',
    inputSchema: { type: 'object' },
  };
  const view = (given: ToolDefinition, text: string) => {
    const entry = entryOf({
      name: text,
      title: text,
      owner: text,
      tools: [given],
      url: `https://a.example/${text}`,
    });
    const actor = { user: text, tenant: text };
    const kept = entry.manifest?.tools[0];
    assert.ok(kept);
    return serverView(
      {
        ...entry,
        address: text,
        held: { [kept.name]: { ...kept, description: 'another' } },
        heldIdentity: { name: 'b', url: 'b', owner: 'b', issuers: [] },
        switch: { enabled: false, by: actor, reason: text, at: text },
        findings: [{ code: text, severity: 'error', tool: kept.name, message: text, mend: text }],
      },
      {
        visitor: { user: text, tenant: text, csrf: text },
        formResult: { kind: 'wrong', text },
        issuer: text,
        history: (['added', 'identity-restored'] as const).map((kind) => ({
          ...{ kind, seq: 1, at: text, by: actor, address: text, name: text },
        })),
      },
    );
  };
  const hostile = serverPage(view(tool, HOSTILE));
  assert.not.match(hostile, /<script>alert|<img/);
  assert.not.match(hostile.replace(UNSHOWN, ''), /\u202e/);
  assert.match(hostile, /&quot;&gt;&lt;script&gt;alert\(1\)/);
  assert.match(hostile, /<span class="unseen">U\+202E<\/span>/);
  // The same elements, whatever the words are.
  const kinds = (page: string) =>
    [...new Set(tagsOf(page))].filter((one) => !/^(span class|td|th|tr|ul|table)/.test(one));
  const allowed = new Set(
    kinds(
      Object.values(EVERY_PAGE)
        .map((page) => page())
        .join('') + serverPage(view(plain, 'a')),
    ),
  );
  assert.equal(
    kinds(hostile).filter((one) => !allowed.has(one)),
    [],
  );

  const rows = listViewOf([entryOf({ name: HOSTILE, title: HOSTILE, owner: HOSTILE, tools: [tool] })], {
    ...QUERY,
    q: HOSTILE,
    owner: HOSTILE,
    scope: HOSTILE,
  });
  const facets = { ...rows.facets, state: [{ value: 'constructor', count: 1 }] };
  const list = listPage({ ...rows, facets, formResult: { kind: 'done', text: HOSTILE } });
  assert.not.match(list, /<script>alert|<img/);
  assert.not.match(
    list.replace(/value="[^"]*"|<title>[^<]*/g, ''),
    /\u202e/,
    'only a field keeps what was typed',
  );
});

test('only web addresses become links, and none reveals where a reader comes from', () => {
  for (const address of [
    'javascript:alert(1)',
    'JaVaScript:alert(1)',
    'data:text/html,a',
    'file:///etc/passwd',
    'no address',
  ]) {
    const page = serverPage(serverView({ ...entryOf({ name: 'a', url: address }), address }));
    assert.not.match(page, new RegExp(`href="${address.split(':')[0]}`, 'i'));
    assert.not.match(page, /curl/, 'and nobody is asked to call it');
  }
  const page = serverPage(serverView(entryOf({ name: 'a' })));
  const outside = [...page.matchAll(/<a href="https?:[^>]*>/g)].map(([link]) => link);
  assert.ok(outside.length >= 3);
  for (const link of outside) assert.match(link, / rel="noreferrer"/);
});

test('no page has anything that its policy would block', () => {
  for (const [name, page] of Object.entries(EVERY_PAGE)) {
    const text = page();
    assert.not.match(
      text,
      /<style|\sstyle=|\son[a-z]+="|<script(?! type="module" src="\/page\.js" [a-z-]+="[^<>]*><\/script>)|data:/,
      name,
    );
    for (const [, address] of text.matchAll(/\s(?:src|action)="([^"]*)"/g))
      assert.match(address ?? '', /^\//, name);
    assert.is([...text.matchAll(/<h1/g)].length, 1, `${name} has one h1`);
    const ids = [...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    assert.is(new Set(ids).size, ids.length, `${name}: an id is there once`);
  }
});

test('every form carries the token of the person who is signed in, and without one no form changes anything', () => {
  for (const view of Object.values(SERVERS)) {
    const forms = serverPage({ ...view(), visitor: VISITOR }).match(/<form[\s\S]*?<\/form>/g) ?? [];
    assert.ok(forms.length >= 4);
    for (const form of forms) assert.match(form, /name="csrf" value="csrf-of-amara"/);
    const { visitor: _, ...nobody } = view();
    const page = serverPage(nobody);
    assert.not.match(page, /<form/);
    const here = `/sign-in?${new URLSearchParams({ to: `/servers/${encodeURIComponent(nobody.server.name)}` })}`;
    assert.ok(page.includes(`<a href="${here}">Sign in to switch, accept or remove</a>`));
  }
  assert.not.match(listPage(listViewOf(MANY, QUERY)), /method="post"/);
});

const formsOf = (page: string): { [action: string]: { [name: string]: string } } =>
  Object.fromEntries(
    [...page.matchAll(/<form method="post" action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)].map(
      ([, action, form]) => [
        action,
        Object.fromEntries(
          [...(form ?? '').matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, k, v]) => [k, v]),
        ),
      ],
    ),
  );

test('a form names the server that it was shown for, an acceptance the digest that was read, and a switch its new state', () => {
  const entry = heldEntry();
  const digest = entry.manifest?.tools[0]?.digest;
  const csrf = VISITOR.csrf;
  const { address } = entry;
  const here = '/servers/internal%2Fjira';
  assert.equal(formsOf(serverPage(serverView(entry, { visitor: VISITOR }))), {
    '/sign-out': { csrf },
    [`${here}/validate`]: { csrf, address },
    [`${here}/switch`]: { csrf, address, enabled: 'false' },
    [`${here}/remove`]: { csrf, address },
    [`${here}/tools/jira.create/accept`]: { csrf, address, tool: 'jira.create', digest },
    [`${here}/tools/jira.create/switch`]: { csrf, address, tool: 'jira.create', enabled: 'false' },
    [`${here}/tools/jira.search/switch`]: { csrf, address, tool: 'jira.search', enabled: 'true' },
  });
  const moved = SERVERS.moved?.();
  assert.ok(moved);
  const identity = formsOf(serverPage({ ...moved, visitor: VISITOR }))['/servers/moved/accept'];
  assert.equal(identity, { csrf, address: moved.server.address, digest: moved.server.manifest?.digest });
});

test('a tool whose name a browser would take for a step through the path has no form of its own', () => {
  for (const name of ['.', '..']) {
    const entry = entryOf({ name: 'a', tools: [{ ...CREATE, name }] });
    const page = serverPage(serverView({ ...entry, held: { [name]: null } }, { visitor: VISITOR }));
    assert.equal(Object.keys(formsOf(page)), [
      '/sign-out',
      '/servers/a/validate',
      '/servers/a/switch',
      '/servers/a/remove',
    ]);
    assert.match(page, /cannot be accepted or switched here/);
  }
  assert.ok(hasPath('...'));
});

test('a change is shown before and after, in full, with the differing words marked', () => {
  const page = serverPage(serverView(heldEntry()));
  assert.match(page, /<mark>Never<\/mark> creates another issue/);
  assert.match(page, /<mark>Each call<\/mark> creates another issue/);
  const long = `${'word '.repeat(5_000)}END`;
  const entry = entryOf({ name: 'a', tools: [{ ...CREATE, description: long }] });
  const kept = entry.manifest?.tools[0];
  assert.ok(kept);
  const held = { 'jira.create': { ...kept, description: `${long}ING` } };
  assert.match(serverPage(serverView({ ...entry, held })), /<mark>ENDING<\/mark>/);
  const [family, other] = ['a 👩‍👧 b', 'a 👩 b'];
  assert.match(
    markChange(family, other).text,
    /^a <mark>👩<span class="unseen">U\+200D<\/span>👧<\/mark> b$/u,
  );
  assert.is(markChange('one', 'two').text, 'one', 'if everything differs, nothing is marked');
});

test('a thousand tools with long schemas make a page that a browser can show, with every form on it', () => {
  const properties = Object.fromEntries(Array.from({ length: 90 }, (_, at) => [`p${at}`, { $ref: '#' }]));
  const inputSchema = { type: 'object', properties };
  const tools = Array.from({ length: 1_000 }, (_, at) => ({ ...CREATE, name: `t${at}`, inputSchema }));
  const started = performance.now();
  const page = serverPage(serverView(entryOf({ name: 'a', tools }), { visitor: VISITOR }));
  assert.ok(page.length < 8_000_000, `${page.length} characters`);
  assert.ok(performance.now() - started < 5_000);
  assert.ok('/servers/a/tools/t999/switch' in formsOf(page));
  assert.match(page, /This page is too long to show more schemas/);
});

test('the list says what was searched for, which filters are used, and how to remove them', () => {
  const query = {
    ...QUERY,
    q: 'no such',
    owner: 'Payments, #payments',
    destructive: true,
    state: 'off',
  } as const;
  const page = listPage(listViewOf(MANY, query));
  assert.match(page, /<li>Words: <strong>no such<\/strong><\/li>/);
  assert.match(page, /<li>Owner: <strong>Payments, #payments<\/strong><\/li>/);
  assert.match(page, /<li>Tools: <strong>Destructive<\/strong><\/li>/);
  assert.match(page, /<a id="clear" data-go href="\/">Show all servers<\/a>/);
  assert.match(page, /aria-current="true"/);
  assert.match(page, /<input type="hidden" name="owner" value="Payments, #payments">/);
  const empty = listPage(listViewOf([], QUERY, { visitor: VISITOR }));
  assert.match(empty, /No servers yet/);
  assert.match(empty, /action="\/servers"/);
});

test('the address of a list has exactly the chosen filters', () => {
  assert.is(listAddress(QUERY), '/');
  const query = { q: '"a b" &', owner: 'A, #a', destructive: false, offset: 40, limit: 50 };
  assert.is(listAddress(query), '/?q=%22a+b%22+%26&owner=A%2C+%23a&destructive=false&offset=40&limit=50');
  assert.is(
    listAddress(query, { owner: undefined, offset: 0 }),
    '/?q=%22a+b%22+%26&destructive=false&limit=50',
  );
});

test('pages of the list link to the previous and the next one', () => {
  const page = listPage(listViewOf(MANY, { ...QUERY, offset: 20, limit: 25 }));
  assert.match(page, /21 to 45 of 60/);
  assert.match(page, /rel="prev" data-go href="\/\?limit=25"/);
  assert.match(page, /rel="next" data-go href="\/\?offset=45&amp;limit=25"/);
  assert.not.match(listPage(listViewOf(MANY.slice(0, 5), QUERY)), /class="pager"/);
});

const identity = { name: 'a', url: 'https://a.example/mcp', owner: 'A', issuers: ['https://i.example'] };
const [tool] = entryOf({ name: 'a' }).manifest?.tools ?? [];
assert.ok(tool);
const SENTENCES: { [Kind in ChangeDetails['kind']]: [ChangeDetails, RegExp][] } = {
  added: [[{ kind: 'added' }, /^The server was added\.$/]],
  removed: [[{ kind: 'removed' }, /^The server was removed\.$/]],
  manifest: [
    [{ kind: 'manifest', version: '2', digest: tool.digest }, /changed: version 2, sha256:[0-9a-f]{12}\.$/],
  ],
  'manifest-set-aside': [
    [{ kind: 'manifest-set-aside', url: 'https://a/mcp' }, /^The manifest of https:\/\/a\/mcp was set aside/],
  ],
  'tool-appeared': [[{ kind: 'tool-appeared', tool: 't', digest: '' }, /^The tool t appeared\.$/]],
  'tool-gone': [[{ kind: 'tool-gone', tool: 't', digest: '' }, /^The tool t is gone\.$/]],
  'tool-quarantined': [
    [
      { kind: 'tool-quarantined', tool: 't', before: tool, after: tool },
      /t was put in quarantine: it changed\.$/,
    ],
    [{ kind: 'tool-quarantined', tool: 't', before: null, after: tool }, /nobody has accepted it yet\.$/],
  ],
  'tool-restored': [[{ kind: 'tool-restored', tool: 't', digest: '' }, /^The tool t left quarantine/]],
  'tool-accepted': [
    [
      { kind: 'tool-accepted', tool: 't', digest: tool.digest, reason: 'r' },
      /^The tool t was accepted as it is now/,
    ],
  ],
  'identity-quarantined': [
    [
      {
        kind: 'identity-quarantined',
        before: identity,
        after: { ...identity, url: 'b', owner: 'B', issuers: [] },
      },
      /its address, owner and issuers changed\.$/,
    ],
  ],
  'identity-accepted': [
    [{ kind: 'identity-accepted', identity, reason: 'r' }, /as a of A at https:\/\/a\.example\/mcp\.$/],
  ],
  'guidance-quarantined': [
    [
      { kind: 'guidance-quarantined', items: ['instructions', 'prompt a'] },
      /its guidance for models changed \(instructions, prompt a\)\.$/,
    ],
  ],
  'guidance-accepted': [
    [
      { kind: 'guidance-accepted', digest: tool.digest, items: ['instructions'], reason: 'r' },
      /^The server's guidance for models was accepted as it is now/,
    ],
  ],
  'guidance-restored': [
    [{ kind: 'guidance-restored' }, /its guidance for models is the accepted one again\.$/],
  ],
  'identity-restored': [[{ kind: 'identity-restored' }, /has its accepted identity again\.$/]],
  findings: [
    [
      { kind: 'findings', found: FINDINGS, gone: FINDINGS.slice(0, 1) },
      /^A check: 3 new findings \(slow, tool-drift at jira\.create, certificate-ends\), 1 finding settled \(slow\)\.$/,
    ],
    [{ kind: 'findings', found: [], gone: [] }, /^A check found the same as before\.$/],
  ],
  switched: [
    [{ kind: 'switched', enabled: false, reason: 'r' }, /^The server was switched off\.$/],
    [{ kind: 'switched', tool: 't', enabled: true, reason: 'r' }, /^The tool t was switched on\.$/],
  ],
};

test('every kind of change has a sentence, with the time, the person and the reason', () => {
  for (const [happening, sentence] of Object.values(SENTENCES).flat()) {
    const change: Change = {
      seq: 1,
      at: '2026-03-02T09:30:00Z',
      by: AMARA,
      address: 'a',
      name: 'a',
      ...happening,
    };
    assert.match(sentenceOf(change), sentence);
    const page = serverPage(serverView(entryOf({ name: 'a' }), { history: [change] }));
    const history = page.slice(page.indexOf('id="history"'));
    assert.match(
      history,
      '<time datetime="2026-03-02T09:30:00.000Z" title="2026-03-02 09:30:00 UTC">32 min ago</time>',
    );
    assert.match(history, /<strong>amara\.patel1@example\.com<\/strong> of demo/);
    if ('reason' in happening) assert.match(history, /“<span class="text" dir="auto">r<\/span>”/);
  }
});

/** The arguments that a shell passes to curl. */
function argumentsOf(line: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\nTOKEN=secret\n${line}`;
  return execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8', env: {} })
    .split('\0')
    .slice(0, -1);
}

needing(
  test,
  'registry/pages',
  'bash',
)('a curl line hands over exactly what it says, whatever a manifest has in it', () => {
  for (const text of [
    "it's",
    `'; touch /tmp/hacked; '`,
    '$(id) `id` $HOME !! \\',
    '"quoted" & | > < * ? ~ #',
    'line\nbreak\r\n\ttab',
    '\u202eright to left\u0007\u001b[31m',
    '--help',
    '@/etc/passwd',
    'Zürich 🙂',
    ' spaces ',
    '=?base64?x?=',
    '',
  ]) {
    const schema = { type: 'object', properties: { [text]: { type: 'string', 'x-mcp-header': "a'b" } } };
    const callable = { url: 'https://a.example/mcp?x=[1-9]', token: true, tool: { name: text, schema } };
    const line = curlLine(callable, { [text]: text });
    assert.ok(line);
    assert.not.match(line, /(?!\n)[\p{Cc}\p{Cf}]/u, 'nothing in it is invisible');
    const [silent, url, ...rest] = argumentsOf(line);
    assert.equal([silent, url], ['-sg', 'https://a.example/mcp?x=[1-9]']);
    const [headers, body] = [rest.slice(0, -1).filter((one) => one !== '-H'), rest.at(-1) ?? ''];
    const given = (name: string) => headers.find((one) => one.startsWith(name))?.slice(name.length);
    assert.is(given('authorization: '), 'Bearer secret');
    const decoded = (value = ''): string =>
      value.startsWith('=?base64?') ? Buffer.from(value.slice(9, -2), 'base64').toString() : value;
    assert.is(decoded(given('Mcp-Name: ')), text);
    assert.is(decoded(given("Mcp-Param-a'b: ")), text);
    const { params } = JSON.parse(body);
    assert.equal([params.name, params.arguments], [text, { [text]: text }]);
  }
});

needing(
  test,
  'registry/pages',
  'bash',
)('a page has the line as a person copies it, without a token where none is asked for', () => {
  const page = serverPage(serverView(entryOf({ name: 'a' })));
  const line = /<pre id="tool-jira\.search:curl"[^>]*><code>([\s\S]*?)<\/code>/.exec(page)?.[1] ?? '';
  const text = line.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  const args = argumentsOf(text);
  assert.equal(args.slice(0, 4), ['-s', 'https://a.example.com/mcp', '-H', 'authorization: Bearer secret']);
  assert.equal(JSON.parse(args.at(-1) ?? '').params.arguments, { jql: 'example' });
  assert.not.match(
    curlLine({ url: 'https://a.example', token: false, tool: { name: 'a', schema: {} } }, {}) ?? '',
    /TOKEN/,
  );
});

test.run();
