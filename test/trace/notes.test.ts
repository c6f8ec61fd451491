/** Every note names a clause that exists, a page that is the clause's, and a file that is there. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  headerNote,
  memberNote,
  NOTE_ROWS,
  requestLineNote,
  statusNote,
} from '../../src/lesson/annotations/annotations.js';
import { clauseOf } from '../../src/lesson/annotations/clauses.js';
import { CODES } from '../../src/lesson/annotations/events.js';
import { lineOf } from '../../src/lesson/annotations/source-line.js';
import { topicOf } from '../../src/lesson/trace/exchange.js';
import { exchangeFromBytes } from '../../src/lesson/trace/from-bytes.js';
import { ROOT } from '../support/process.js';

const test = suite('trace/notes');
const clauses = [
  ...NOTE_ROWS.flatMap(({ modern, legacy }) => [modern, legacy]),
  ...Object.values(CODES),
].filter((one) => one !== undefined);

test('each clause is in requirements.json, with a sentence and the address of its section', () => {
  assert.ok(clauses.length > 90, `${clauses.length}`);
  for (const id of clauses) {
    const clause = clauseOf(id);
    if (clause === undefined) throw new Error(`${id} is no requirement`);
    assert.match(clause.summary, /\.$/);
    assert.ok(clause.url.startsWith(`https://modelcontextprotocol.io/specification/${id.slice(0, 10)}/`));
  }
});

test('the address of a clause leads to its section, and pages outside a revision keep their own', () => {
  const site = 'https://modelcontextprotocol.io';
  assert.is(clauseOf('2026-07-28/basic/003')?.url, `${site}/specification/2026-07-28/basic#requests`);
  assert.is(clauseOf('2026-07-28/basic/001')?.url, `${site}/specification/2026-07-28/basic`);
  assert.is(
    clauseOf('ext-tasks/sep-2663/001')?.url,
    `${site}/seps/2663-tasks-extension#capability-negotiation`,
  );
  assert.is(clauseOf('2026-07-28/basic/999'), undefined);
});

test('clauses of the modern revision are under modern, those of earlier ones under legacy', () => {
  for (const { modern, legacy } of NOTE_ROWS) {
    assert.ok(modern?.startsWith('2026-07-28/') ?? true, modern);
    assert.ok(legacy?.startsWith('2025-11-25/') ?? true, legacy);
  }
});

test('each note names a clause or document, and its file and line exist', () => {
  for (const row of NOTE_ROWS) {
    assert.ok(row.modern ?? row.legacy ?? row.elsewhere, row.what);
    if (row.source === undefined) continue;
    const [file, at] = row.source;
    assert.ok(existsSync(join(ROOT, file)), file);
    assert.ok(lineOf(file, at) !== undefined, `${file} has no line with ${at}`);
  }
});

test('the note for a header depends on its side and era, not on its case', () => {
  assert.is(headerNote('request', 'Content-Type', 'modern')?.clause, '2026-07-28/streamable-http/010');
  assert.is(headerNote('response', 'content-type', 'modern')?.clause, '2026-07-28/streamable-http/016');
  assert.is(headerNote('request', 'content-type', 'legacy')?.clause, '2025-11-25/transports/016');
  assert.is(headerNote('request', 'Mcp-Param-Region', 'modern')?.file, 'src/wire/mcp/request-headers.ts');
  assert.is(headerNote('request', 'constructor', 'modern'), undefined);
  assert.is(headerNote('request', 'x-own', 'modern'), undefined);
});

test('an error code has the name from the table of refusals, and the note for a request line depends on its path', () => {
  const note = memberNote('response', ['error', 'code'], -32020, 'modern');
  assert.is(note?.what, 'Header mismatch');
  assert.is(note?.clause, '2026-07-28/streamable-http/071');
  assert.is(memberNote('response', ['error', 'code'], 77, 'modern')?.clause, '2026-07-28/basic/015');
  assert.is(memberNote('request', ['params', '_meta', 'other'], 1, 'modern'), undefined);
  assert.is(requestLineNote('GET', '/mcp', 'modern')?.clause, '2026-07-28/streamable-http/082');
  assert.is(statusNote(401, 'legacy')?.clause, '2025-11-25/authorization/035');
});

test('what is beside the MCP endpoint has notes of its own', () => {
  const line = (method: string, path: string) => {
    const about = { number: 1, server: 'readonly', time: '' };
    return topicOf(exchangeFromBytes(Buffer.from(`${method} ${path} HTTP/1.1\r\n\r\n`), undefined, about));
  };
  const note = (method: string, path: string) => requestLineNote(method, path, line(method, path));
  assert.is(note('GET', '/.well-known/oauth-protected-resource')?.clause, '2026-07-28/authorization/008');
  assert.match(note('GET', '/approvals/abc')?.what ?? '', /an approver opens/);
  assert.match(note('POST', '/approvals/abc')?.what ?? '', /an approver clicks/);
  assert.match(note('GET', '/api/search?q=x')?.what ?? '', /reads from the registry/);
  assert.match(note('PUT', '/api/servers/one/switch')?.what ?? '', /changes something in the registry/);
  assert.match(note('OPTIONS', '/api/servers')?.what ?? '', /a browser asks/);
  assert.match(note('POST', '/apis')?.what ?? '', /one message to the server/);
  assert.match(statusNote(303, 'web')?.what ?? '', /the browser goes on/);
  assert.match(statusNote(401, 'web')?.what ?? '', /no token/, 'what is the same everywhere stays');
  assert.match(headerNote('request', 'Barewire-Session', 'web')?.what ?? '', /a person who has signed in/);
  assert.match(headerNote('request', 'Content-Type', 'web')?.what ?? '', /a form from a page/);
  assert.is(headerNote('request', 'Barewire-Session', 'modern'), undefined);
  assert.is(memberNote('response', ['id'], 1, 'web'), undefined);
  assert.is(memberNote('request', ['method'], 'x', 'web'), undefined);
});

test.run();
