import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  decode,
  encode,
  type MirroredParam,
  mirroredHeaders,
  paramHeaders,
  validateParamHeaders,
  validateRequestHeaders,
} from '../../src/wire/mcp/request-headers.js';
import type { JsonObject } from '../../src/wire/value.js';

const test = suite('mcp/mirror');
type Headers = { [name: string]: string | string[] };

function mirror(method: string, params: JsonObject, headers: Headers): string | undefined {
  return validateRequestHeaders({ kind: 'request', id: 1, method, params }, headers)?.name;
}
/** For a call of the tool `t`. */
function mirroredParams(mirrored: readonly MirroredParam[], args: JsonObject, headers: Headers) {
  const params = { name: 't', arguments: args };
  const own = { 'mcp-method': 'tools/call', 'mcp-name': 't', ...headers };
  const request = { kind: 'request' as const, id: 1, method: 'tools/call', params };
  const entry = { mirroredParams: mirrored, withoutNulls: (given: JsonObject) => given };
  return validateRequestHeaders(request, own) ?? validateParamHeaders(entry, request, own, false);
}
function param(value: unknown, sent: string | undefined, type: MirroredParam['type'] = 'string') {
  const headers = sent === undefined ? {} : { 'mcp-param-text': sent };
  return mirroredParams([{ header: 'Mcp-Param-Text', path: ['text'], type }], { text: value }, headers)?.name;
}
const OK = undefined;
const NO = 'headerMismatch';

test('Mcp-Method is required and has to equal the method, case included', () => {
  assert.is(mirror('tools/list', {}, { 'mcp-method': 'tools/list' }), OK);
  assert.is(mirror('tools/list', {}, {}), NO);
  assert.is(mirror('tools/list', {}, { 'mcp-method': 'Tools/List' }), NO);
  assert.is(mirror('tools/list', {}, { 'mcp-method': '' }), NO);
  assert.is(mirror('tools/list', {}, { 'mcp-method': 'tools/list, tools/list' }), NO, 'sent twice');
});
test('Mcp-Name mirrors the name or the uri of the three methods that have one', () => {
  for (const [method, field] of [
    ['tools/call', 'name'],
    ['prompts/get', 'name'],
    ['resources/read', 'uri'],
  ] as const) {
    const said = { 'mcp-method': method };
    assert.is(mirror(method, { [field]: 'a' }, { ...said, 'mcp-name': 'a' }), OK);
    assert.is(mirror(method, { [field]: 'a' }, { ...said, 'mcp-name': '=?base64?YQ==?=' }), OK);
    assert.is(mirror(method, { [field]: 'a' }, said), NO);
    assert.is(mirror(method, { [field]: 'a' }, { ...said, 'mcp-name': 'A' }), NO);
    assert.is(mirror(method, { [field]: 'a' }, { ...said, 'mcp-name': 'a, a' }), NO, 'sent twice');
  }
});
test('Mcp-Name is not required by other methods, nor for a call without a name', () => {
  assert.is(mirror('tools/list', { name: 'a' }, { 'mcp-method': 'tools/list' }), OK);
  assert.is(mirror('tools/call', { name: 7 }, { 'mcp-method': 'tools/call' }), OK);
  for (const params of [{ name: 7 }, { name: null }, {}, { uri: '7' }])
    assert.is(
      mirror('tools/call', params, { 'mcp-method': 'tools/call', 'mcp-name': '7' }),
      NO,
      'names nothing',
    );
  for (const method of ['constructor', 'toString', '__proto__'])
    assert.is(mirror(method, {}, { 'mcp-method': method }), OK);
});

// The table "Value Encoding" of the transport's page, line by line.
const encodings: [original: string, sent: string][] = [
  ['us-west1', 'us-west1'],
  ['Hello, 世界', '=?base64?SGVsbG8sIOS4lueVjA==?='],
  [' padded ', '=?base64?IHBhZGRlZCA=?='],
  ['line1\nline2', '=?base64?bGluZTEKbGluZTI=?='],
  ['=?base64?literal?=', '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?='],
];
for (const [original, sent] of encodings) {
  test(`${JSON.stringify(original)} is mirrored as ${sent}`, () => {
    assert.is(decode(sent), original);
    assert.is(param(original, sent), OK);
    assert.is(param(`${original}x`, sent), NO);
  });
}
test('a byte order mark within Base64 belongs to the value', () => {
  assert.is(decode('=?base64?77u/YQ==?='), '\ufeffa');
});
test('an empty value is mirrored as nothing, plain or in Base64', () => {
  assert.equal([decode(''), decode('=?base64??='), param('', '')], ['', '', OK]);
});
test('the markers are exact: anything else is a plain value', () => {
  for (const sent of ['=?BASE64?YQ==?=', '=?base64?YQ==', 'x=?base64?YQ==?=', '=?base64?='])
    assert.is(decode(sent), sent);
});
test('Base64 that is not valid is refused', () => {
  for (const inner of ['YQ', 'YQ=', 'Y Q==', 'YQ==YQ==', 'Y', '====', '_-8=', '!', '/w==', 'wK8='])
    assert.is(decode(`=?base64?${inner}?=`), undefined, inner);
  assert.is(param('a', '=?base64?YQ?='), NO);
});
test('characters beyond printable ASCII are refused in a plain value', () => {
  for (const sent of ['caf\u00e9', '\u00ff', 'a\u007f', 'a\u0001', 'a\nb', '\u4e16'])
    assert.is(decode(sent), undefined, JSON.stringify(sent));
  assert.is(param('caf\u00e9', 'caf\u00e9'), NO);
  assert.is(decode('a\tb ~'), 'a\tb ~');
});
test('integers are compared as numbers, texts as texts', () => {
  for (const sent of ['42', '42.0', '42.00', '=?base64?NDI=?='])
    assert.is(param(42, sent, 'integer'), OK, sent);
  for (const sent of ['43', '42.5', '4.2e1', '0x2a', '42.', ' 42', '', 'NaN'])
    assert.is(param(42, sent, 'integer'), NO);
  assert.is(param('42', '42.0', 'string'), NO);
  assert.is(param(-7, '-7.0', 'integer'), OK);
  assert.is(param(0, '0', 'integer'), OK);
});
test('booleans are the lower-case words', () => {
  assert.equal([param(true, 'true', 'boolean'), param(false, 'false', 'boolean')], [OK, OK]);
  assert.equal(
    [param(true, 'True', 'boolean'), param(true, '1', 'boolean'), param(false, 'true', 'boolean')],
    [NO, NO, NO],
  );
});
test('null and absent values have no header, and a header without a value is refused', () => {
  assert.equal([param(null, undefined), param(undefined, undefined)], [OK, OK]);
  assert.equal([param(null, 'null'), param(undefined, ''), param(undefined, 'x')], [NO, NO, NO]);
});
test('a value without its header is refused, falsy values too', () => {
  assert.equal(
    [
      param('x', undefined),
      param('', undefined),
      param(0, undefined, 'integer'),
      param(false, undefined, 'boolean'),
    ],
    [NO, NO, NO, NO],
  );
});
test('a value that is not a primitive is left to the schema, unless a header was sent with it', () => {
  assert.equal([param({}, undefined), param([], undefined)], [OK, OK]);
  assert.equal([param({}, ''), param([], 'x'), param(['x'], 'x')], [NO, NO, NO]);
});
test('a nested value is found by its path, and a path that breaks off has no value', () => {
  const mirrored: MirroredParam[] = [{ header: 'Mcp-Param-Zone', path: ['place', 'zone'], type: 'string' }];
  assert.is(mirroredParams(mirrored, { place: { zone: 'a' } }, { 'mcp-param-zone': 'a' }), undefined);
  assert.is(mirroredParams(mirrored, { place: { zone: 'a' } }, { 'mcp-param-zone': 'b' })?.name, NO);
  for (const args of [{}, { place: null }, { place: 'x' }, { place: [] }])
    assert.is(mirroredParams(mirrored, args, {}), undefined);
});
test('an argument named like a member of every object is absent until it is sent', () => {
  for (const name of ['constructor', 'toString', 'valueOf']) {
    const mirrored: MirroredParam[] = [{ header: 'Mcp-Param-X', path: [name], type: 'string' }];
    assert.is(mirroredParams(mirrored, {}, {}), undefined, name);
    assert.is(mirroredParams(mirrored, { [name]: 'a' }, { 'mcp-param-x': 'a' }), undefined, name);
    assert.is(mirroredParams(mirrored, { [name]: 'a' }, {})?.name, NO, name);
  }
});
test('the first of several that differs is named', () => {
  const mirrored: MirroredParam[] = ['a', 'b'].map((name) => ({
    header: `Mcp-Param-${name}`,
    path: [name],
    type: 'string',
  }));
  const fault = mirroredParams(mirrored, { a: '1', b: '2' }, { 'mcp-param-a': '1', 'mcp-param-b': '3' });
  assert.is(fault?.message, 'Header mismatch: Mcp-Param-b is "3" but the body says "2"');
  assert.is(fault?.code, -32020);
});

test('what the client sends is what the server reads, whatever the text is', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(' a', 'a\t', '', '=?base64?YQ==?=', 'a\r\nb'),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const sent = encode(text);
      assert.match(sent, /^([!-~]([\t -~]*[!-~])?)?$/);
      assert.is(decode(sent), text);
    }),
  );
  assert.is(encode('us west 1'), 'us west 1');
  assert.is(encode(' padded '), '=?base64?IHBhZGRlZCA=?=');
});
test("a client's headers pass the server's check", () => {
  const mirrored: MirroredParam[] = [
    { header: 'Mcp-Param-Zone', path: ['place', 'zone'], type: 'string' },
    { header: 'Mcp-Param-N', path: ['n'], type: 'integer' },
    { header: 'Mcp-Param-Yes', path: ['yes'], type: 'boolean' },
    { header: 'Mcp-Param-None', path: ['none'], type: 'string' },
    { header: 'Mcp-Param-Odd', path: ['odd'], type: 'string' },
  ];
  const args = { place: { zone: 'Zürich' }, n: -7, yes: false, none: null, odd: [1] };
  const headers = paramHeaders(mirrored, args);
  assert.equal(headers, {
    'Mcp-Param-Zone': encode('Zürich'),
    'Mcp-Param-N': '-7',
    'Mcp-Param-Yes': 'false',
  });
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  assert.is(mirroredParams(mirrored, args, lower), undefined);
  assert.throws(() => paramHeaders(mirrored, { n: 2 ** 53 }), /\/n: Mcp-Param-N carries whole numbers/);
  const subjects = {
    'tools/call': { name: 'ü' },
    'resources/read': { uri: 'a:b' },
    'tasks/get': { taskId: '1' },
    ping: {},
  };
  for (const [method, params] of Object.entries(subjects)) {
    const sent = Object.entries(mirroredHeaders(method, params)).map(([name, value]) => [
      name.toLowerCase(),
      value,
    ]);
    assert.is(mirror(method, params, Object.fromEntries(sent)), OK);
  }
});

test.run();
