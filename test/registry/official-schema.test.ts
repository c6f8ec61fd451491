/**
 * Every kind of answer against what the official registry publishes: its OpenAPI document, and the JSON Schema of
 * server.json. They are not kept here. BAREWIRE_REGISTRY_SPEC names a folder with both, taken from
 * github.com/modelcontextprotocol/registry: docs/reference/server-json/draft/server.schema.json, and
 * docs/reference/api/openapi.yaml as JSON:
 *
 *   python3 -c 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)' < openapi.yaml > openapi.json
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type AnySchemaObject } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Entry } from '../../src/services/registry/entry.js';
import { reportSkip } from '../support/programs.js';
import { ask } from './asking.js';
import { entry, pendingEntry, switched, version } from './entries.js';

const test = suite('registry/official/schema');
const folder = process.env.BAREWIRE_REGISTRY_SPEC;
const it = folder === undefined ? test.skip : test;
if (folder === undefined)
  reportSkip('registry/official-schema', 'BAREWIRE_REGISTRY_SPEC names no folder with the published schemas');

type Document = AnySchemaObject & { paths: { [path: string]: { get: { responses: object } } } };
const read = (name: string) => JSON.parse(readFileSync(join(folder ?? '', name), 'utf8'));

const LIST = '/v0.1/servers';
const VERSIONS = '/v0.1/servers/{serverName}/versions';
const VERSION = '/v0.1/servers/{serverName}/versions/{version}';

const OPTIONS = {
  // An OpenAPI document has keywords that JSON Schema does not know.
  strict: false,
  allErrors: true,
  formats: {
    uri: (text: string) => URL.canParse(text),
    'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  },
};

/** Checks an answer to a path of the document; a status that the document lacks is checked as a 404. */
type Check = (template: string, answer: { status: number; body: unknown }) => void;

function createCheck(): Check {
  const ajv = new Ajv2020(OPTIONS);
  const document: Document = read('openapi.json');
  ajv.addSchema({ ...document, $id: 'https://registry.test/openapi' });
  const schema: AnySchemaObject = read('server.schema.json');
  // It was draft-07 for a long time.
  const server = (/draft-07/.test(String(schema.$schema)) ? new Ajv(OPTIONS) : ajv).compile(schema);
  return (template, { status, body }) => {
    const refused = template === LIST ? VERSIONS : template;
    const place = status === 200 ? [template, '200'] : [refused, '404'];
    const steps = ['paths', place[0], 'get', 'responses', place[1], 'content', 'application/json', 'schema'];
    const pointer = steps.map((step) =>
      encodeURIComponent(String(step).replaceAll('~', '~0').replaceAll('/', '~1')),
    );
    const $ref = `https://registry.test/openapi#/${pointer.join('/')}`;
    const check = ajv.getSchema($ref) ?? ajv.compile({ $ref });
    assert.ok(check(body), JSON.stringify([check.errors, body]));
    if (status !== 200) return assert.type((body as { error: unknown }).error, 'string');
    const servers = (body as { servers?: { server: unknown }[] }).servers ?? [body as { server: unknown }];
    for (const each of servers) assert.ok(server(each.server), JSON.stringify([server.errors, each.server]));
  };
}

function checkAll(entries: readonly Entry[], check: Check): number {
  let count = 0;
  const checked = (template: string, target: string): unknown => {
    const answer = ask(entries, target);
    check(template, answer);
    count += 1;
    return answer.body;
  };
  for (const query of [
    '',
    'limit=1',
    'limit=0',
    'cursor=x',
    'include_deleted=true',
    'updated_since=x',
    'search=q',
  ])
    checked(LIST, `/v0.1/servers?${query}`);
  const all = checked(LIST, '/v0.1/servers?limit=100&updated_since=2000-01-01T00:00:00Z') as {
    servers: { server: { name: string; version: string } }[];
  };
  for (const { server } of [...all.servers, { server: { name: 'no/body', version: '1' } }]) {
    const path = `/v0.1/servers/${encodeURIComponent(server.name)}/versions`;
    for (const query of ['', '?include_deleted=true', '?include_deleted=x']) {
      checked(VERSIONS, `${path}${query}`);
      for (const number of ['latest', server.version, 'nothing'])
        checked(VERSION, `${path}/${encodeURIComponent(number)}${query}`);
    }
  }
  return count;
}

it('every answer is as published', () => {
  const at = '2026-03-01T00:00:00.123+01:00';
  const long = 'Long '.repeat(200);
  const faces = `${'x'.repeat(96)}${'\u{1F600}'.repeat(20)}`;
  const heldIdentity = { name: 'was', url: 'http://127.0.0.1:1/', owner: 'o', issuers: [] };
  const entries = [
    entry(
      'com.example/a',
      { title: long },
      {
        versions: [
          version('2'),
          version('1', { title: ' ', description: long }),
          version('0', { title: faces, description: faces }),
        ],
      },
    ),
    entry('jira', { url: 'http://[::1]:3000/mcp', version: '1.0.0+build/7' }),
    entry('n'.repeat(200), { url: `https://${'label.'.repeat(30)}example/` }),
    entry('x/off', {}, { switch: { ...switched(false, at), reason: long }, changedAt: at }),
    entry('x/held', {}, { heldIdentity }),
    entry('x/bare', {}, { versions: [] }),
    pendingEntry('x/pending'),
  ];
  const count = checkAll(entries, createCheck());
  console.log(`${count} answers are as published`);
});
it('so is every answer about any server', () => {
  const text = fc
    .string({ minLength: 1, maxLength: 200, unit: 'grapheme' })
    .filter((one) => one.trim() !== '');
  const any = fc.record({
    name: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,150}(\/[A-Za-z0-9][A-Za-z0-9._-]{0,40})?$/),
    url: fc.webUrl(),
    title: text,
    number: text.map(
      (one) =>
        one
          .replace(/\p{Surrogate}/gu, '')
          .slice(0, 50)
          .trim() || '1',
    ),
    description: text,
  });
  const check = createCheck();
  fc.assert(
    fc.property(fc.array(any, { maxLength: 3 }), (all) => {
      const entries = all.map(({ name, url, title, number, description }) =>
        entry(name, { url, title, version: number }, { versions: [version(number, { description })] }),
      );
      checkAll(entries, check);
    }),
  );
});

test.run();
