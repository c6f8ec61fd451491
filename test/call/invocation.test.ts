/** The words of `call` and `list`: which server, and what to do there. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readCall, readList, splitCommand, type Target } from '../../src/cli/call/invocation.js';

const test = suite('call/invocation');

function addressOf(target: Target): string {
  return target.kind === 'http' ? target.url.href : target.command.join(' ');
}

function call(line: string, flags: { read?: string; prompt?: string } = {}) {
  const { own, command } = splitCommand(line.split(' ').filter((word) => word !== ''));
  const { target, action } = readCall(own, command, flags);
  return { where: addressOf(target), action };
}

function problemOf(run: () => unknown): string {
  try {
    return `accepted: ${JSON.stringify(run())}`;
  } catch (error) {
    return error instanceof Error ? error.message : 'no error';
  }
}

test('a URL, a tool and its arguments', () => {
  assert.equal(call('http://h/mcp'), { where: 'http://h/mcp', action: { kind: 'overview' } });
  assert.equal(call('https://h/mcp t a=1 b=2'), {
    where: 'https://h/mcp',
    action: { kind: 'tool', name: 't', words: ['a=1', 'b=2'] },
  });
});

test('a command after --, which keeps its own flags and dashes', () => {
  assert.equal(call('t a=1 -- node server.js --stdio -- x'), {
    where: 'node server.js --stdio -- x',
    action: { kind: 'tool', name: 't', words: ['a=1'] },
  });
  assert.equal(call('-- node server.js').action, { kind: 'overview' });
});

test('an address of this machine needs no http://, others are asked over https', () => {
  assert.is(call('localhost:3000/mcp').where, 'http://localhost:3000/mcp');
  assert.is(call('127.0.0.1:3000').where, 'http://127.0.0.1:3000/');
  assert.is(call('[::1]:3000/mcp').where, 'http://[::1]:3000/mcp');
  assert.is(call('example.com/mcp').where, 'https://example.com/mcp');
});

test('a resource and a prompt', () => {
  assert.equal(call('http://h', { read: 'a://b' }).action, { kind: 'read', uri: 'a://b' });
  assert.equal(call('http://h x=1', { prompt: 'p' }).action, { kind: 'prompt', name: 'p', words: ['x=1'] });
});

test('mistakes are named', () => {
  const cases: [run: () => unknown, expected: RegExp][] = [
    [() => call(''), /^expected the URL of an MCP server, or -- and a command, received nothing$/],
    [() => call('t --'), /^after --: expected the command that starts the server, received nothing$/],
    [() => call('http://h t -- node x'), /^expected a URL or a command after --, received both$/],
    [() => call('postgres.query sql=x'), /^expected a URL such as .*, received "postgres\.query"$/],
    [() => call('ftp://h/x'), /received the protocol "ftp"$/],
    [() => call('http://user:hunter2@h/'), /received one with a name or password in it/],
    [() => call('http://h x', { read: 'a://b' }), /^--read: expected no further word, received "x"$/],
    [() => call('http://h', { read: 'a', prompt: 'b' }), /^--read and --prompt: expected one of them/],
    [() => readList(['http://h', 'tools'], undefined, []), /received "tools"; did you mean --tools\?$/],
  ];
  for (const [run, expected] of cases) assert.match(problemOf(run), expected);
  assert.not.match(
    problemOf(() => call('http://user:hunter2@h/')),
    /hunter2/,
  );
});

test('list shows everything, or the parts that are named', () => {
  const everything = ['tools', 'resources', 'templates', 'prompts'];
  assert.equal(readList(['http://h'], undefined, []).action, { kind: 'list', parts: everything, all: true });
  assert.equal(readList(['http://h'], undefined, ['prompts']).action, {
    kind: 'list',
    parts: ['prompts'],
    all: false,
  });
});

test.run();
