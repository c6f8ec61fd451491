import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Fault } from '../../src/wire/fault.js';
import {
  type ClientResponse,
  errorResponse,
  isId,
  isTooLong,
  MAX_ID,
  NULL_PARAMS,
  readMessage,
  refusedMessage,
} from '../../src/wire/jsonrpc/message.js';
import { kindOf, preview } from '../../src/wire/value.js';

const test = suite('jsonrpc/message');
const V = { jsonrpc: '2.0' };

function refusal(value: unknown): { id: unknown; name: string; said: string } | undefined {
  const message = readMessage(value);
  if (message.kind !== 'refused') return undefined;
  const { id, fault } = message;
  return { id, name: fault.name, said: fault.message.replace('Invalid Request: ', '') };
}

test('a message with method and id is a request', () => {
  assert.equal(readMessage({ ...V, id: 'a', method: 'ping', params: { x: 1 } }), {
    kind: 'request',
    id: 'a',
    method: 'ping',
    params: { x: 1 },
  });
});
test('a message without an id is a notification', () => {
  const { kind, ...rest } = readMessage({ ...V, method: 'm' });
  assert.is(kind, 'notification');
  assert.equal(rest, { method: 'm', params: {} });
});
test('ids 0, empty, negative and at the bound are read as they are', () => {
  for (const id of [0, '', -1, 2 ** 53 - 1, -(2 ** 53) + 1, '\ud800', 'constructor']) {
    const message = readMessage({ ...V, id, method: 'ping' });
    assert.is(message.kind === 'request' && message.id, id);
  }
});
test('an id that is neither a string nor a safe integer is refused, and not echoed', () => {
  for (const [id, shown] of [
    [null, 'null'],
    [1.5, '1.5'],
    [true, 'true'],
    [{}, '{}'],
    [[], '[]'],
    [2 ** 53, '9007199254740992'],
  ] as const) {
    assert.equal(refusal({ ...V, id, method: 'ping' }), {
      id: undefined,
      name: 'invalidRequest',
      said: `"id" must be a string or an integer up to 2^53-1, received ${shown}`,
    });
  }
});
test('an id has a bound, because every answer sends it back', () => {
  const longest = 'x'.repeat(1_024);
  assert.equal(readMessage({ ...V, id: longest, method: 'ping' }).kind, 'request');
  const said = '"id" may have at most 1024 characters, received 1025';
  for (const rest of [{ method: 'ping' }, { result: {} }, {}])
    assert.equal(refusal({ ...V, id: `${longest}x`, ...rest }), {
      id: undefined,
      name: 'invalidRequest',
      said,
    });
});
test('anything except one object is refused by its kind', () => {
  for (const [value, said] of [
    [[], 'a batch (array) is accepted only under revision 2025-03-26'],
    [[{ ...V, id: 1, method: 'ping' }], 'a batch (array) is accepted only under revision 2025-03-26'],
    [null, 'expected one JSON object, received null'],
    ['ping', 'expected one JSON object, received a string'],
    [3, 'expected one JSON object, received a number'],
    [true, 'expected one JSON object, received a boolean'],
  ] as const) {
    assert.equal(refusal(value), { id: undefined, name: 'invalidRequest', said });
  }
});
test('any jsonrpc except the text "2.0" is refused with the id that could be read', () => {
  for (const [jsonrpc, shown] of [
    [undefined, 'nothing'],
    ['1.0', '"1.0"'],
    [2, '2'],
    [['2.0'], '["2.0"]'],
  ] as const) {
    assert.equal(refusal({ jsonrpc, id: 0, method: 'ping' }), {
      id: 0,
      name: 'invalidRequest',
      said: `"jsonrpc" must be "2.0", received ${shown}`,
    });
  }
});
test('a method has to exist, to be text, and to stand without a result', () => {
  assert.is(refusal({ ...V, id: 1 })?.said, '"method" is missing');
  assert.is(refusal({ ...V })?.said, '"method" is missing');
  assert.is(refusal({ ...V, id: 1, method: null })?.said, '"method" must be a string, received null');
  assert.is(refusal({ ...V, id: 1, method: 7 })?.said, '"method" must be a string, received 7');
  const both = 'a message has either "method" or "result"/"error", not both';
  assert.equal(refusal({ ...V, id: 1, method: 'm', result: {} }), {
    id: 1,
    name: 'invalidRequest',
    said: both,
  });
  assert.is(refusal({ ...V, id: 1, method: 'm', error: null })?.said, both);
});
test('params are an object or left out', () => {
  for (const [params, kind] of [
    [[], 'an array'],
    ['x', 'a string'],
    [0, 'a number'],
  ] as const) {
    assert.equal(refusal({ ...V, id: 1, method: 'm', params }), {
      id: 1,
      name: 'invalidRequest',
      said: `"params" must be an object, received ${kind}`,
    });
  }
});
test('null for params differs from params left out, for not every method may go without', () => {
  for (const id of [{ id: 1 }, {}]) {
    const message = readMessage({ ...V, ...id, method: 'm', params: null });
    assert.ok('params' in message && message.params === NULL_PARAMS);
    const other = readMessage({ ...V, ...id, method: 'm' });
    assert.ok('params' in other && other.params !== NULL_PARAMS);
    assert.equal(NULL_PARAMS, {});
  }
});
test('a result or an error with an id is an answer', () => {
  assert.equal(readMessage({ ...V, id: 1, result: {} }), { kind: 'answer', id: 1, result: {} });
  assert.equal(readMessage({ ...V, id: '', error: { code: 1 } }), {
    kind: 'answer',
    id: '',
    error: { code: 1 },
  });
});
test('an answer with both a result and an error, or with nothing readable, is a malformed answer to its question', () => {
  for (const [value, said] of [
    [{ ...V, result: {}, error: {} }, 'a response has either "result" or "error", not both'],
    [{ ...V, result: {}, error: null }, 'a response has either "result" or "error", not both'],
    [{ ...V, result: 3 }, '"result" of a response must be an object, received a number'],
    [{ ...V, result: null }, '"result" of a response must be an object, received null'],
    [{ ...V, error: [] }, '"error" of a response must be an object, received an array'],
    [{ ...V, error: null }, '"error" of a response must be an object, received null'],
    [{ result: {} }, '"jsonrpc" must be "2.0", received nothing'],
    [{ jsonrpc: '1.0', result: 'x', error: null }, '"jsonrpc" must be "2.0", received "1.0"'],
  ] as const) {
    const { kind, id, fault } = readMessage({ ...value, id: 'server-1' }) as ClientResponse;
    assert.equal([kind, id, fault?.name, fault?.detail], ['answer', 'server-1', 'invalidRequest', said]);
  }
});
test('an answer without an id is refused', () => {
  assert.is(refusal({ ...V, result: {} })?.said, 'a response must have an "id"');
  assert.is(refusal({ ...V, id: null, result: {} })?.id, undefined);
});
test('a refused notification is marked as one, so that nobody answers it', () => {
  const fault = new Fault('invalidRequest', 'x');
  const notifies = (value: object): unknown => {
    const message = readMessage(value);
    return message.kind === 'refused' && message.notifies === true;
  };
  assert.ok(notifies({ ...V, method: 'm', params: [] }));
  assert.equal(refusedMessage({ ...V, method: 'm' }, fault), {
    kind: 'refused',
    id: undefined,
    fault,
    notifies: true,
  });
  for (const other of [
    { ...V, id: null, method: 'm' },
    { ...V, id: 1, method: 'm', params: [] },
    { ...V, method: 1 },
    { ...V, method: 'm', result: {} },
    { jsonrpc: '1.0', method: 'm' },
  ]) {
    assert.not(notifies(other));
    assert.not('notifies' in refusedMessage(other, fault));
  }
});
test('a message that may be a request or an answer is refused under its id and marked as either', () => {
  for (const value of [{ ...V }, { ...V, method: 'm', result: {} }, {}]) {
    const message = readMessage({ ...value, id: 1 });
    assert.equal(message.kind === 'refused' && [message.id, message.mayAnswer], [1, true]);
  }
  for (const value of [{ ...V, method: 1 }, { method: 'm' }, { ...V, method: 'm', params: 1 }]) {
    const message = readMessage({ ...value, id: 1 });
    assert.equal(message.kind === 'refused' && [message.id, message.mayAnswer], [1, undefined]);
  }
});
test('bytes that are not a message count as an answer only if their readable part says so', () => {
  const fault = new Fault('invalidRequest', 'x');
  assert.equal(refusedMessage({ id: 1, result: [] }, fault), { kind: 'answer', id: 1, fault });
  assert.equal(refusedMessage({ id: 1, method: 'm' }, fault), { kind: 'refused', id: 1, fault });
  for (const value of [undefined, [], null, { id: null, result: {} }])
    assert.equal(refusedMessage(value, fault), { kind: 'refused', id: undefined, fault });
});
test('the shared empty parameters cannot be changed', () => {
  const first = readMessage({ ...V, method: 'm' });
  assert.ok(first.kind === 'notification' && Object.isFrozen(first.params));
});
test('an error response leaves out an id that is not known and data that is not there', () => {
  const bare = new Fault('parseError', 'x');
  assert.equal(errorResponse(undefined, bare), {
    jsonrpc: '2.0',
    error: { code: -32700, message: 'Parse error: x' },
  });
  assert.equal(errorResponse(0, new Fault('invalidParams', 'x', { data: null })), {
    jsonrpc: '2.0',
    id: 0,
    error: { code: -32602, message: 'Invalid params: x', data: null },
  });
});
test('a preview is short and one line, whatever the value', () => {
  assert.is(preview('a\nb'), '"a\\nb"');
  assert.is(preview('x'.repeat(100)).length, 60);
  assert.is(preview({ a: [1] }), '{"a":[1]}');
  assert.is(preview(undefined), 'nothing');
});
test('only a text beyond the bound is too long', () => {
  const longest = 'x'.repeat(MAX_ID);
  assert.equal([longest, `${longest}x`, '', 2 ** 53].map(isTooLong), [false, true, false, false]);
});
test('ids and kinds are distinguished', () => {
  assert.equal([0, '', 1.5, NaN, null, undefined, 2 ** 53, {}].map(isId), [
    true,
    true,
    false,
    false,
    false,
    false,
    false,
    false,
  ]);
  assert.equal([undefined, null, [], {}, 1, ''].map(kindOf), [
    'nothing',
    'null',
    'an array',
    'an object',
    'a number',
    'a string',
  ]);
});

test.run();
