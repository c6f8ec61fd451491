/** The command as a person or a build server meets it: flags, output as text, JSON and JUnit, exit codes. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkCommand } from '../../src/app/commands/check.js';
import { createPace } from '../../src/cli/check/pace.js';
import { isRecord } from '../../src/wire/value.js';
import { error, type Handler, json, modern, result, startSmall } from './small.js';

const test = suite('check/command');

type Ran = { code: number; text: string; complaints: string };

async function run(args: readonly string[], signal = new AbortController().signal): Promise<Ran> {
  const lines: string[] = [];
  const complaints: string[] = [];
  const code = await checkCommand(
    args,
    {},
    {
      print: (line) => lines.push(line),
      complain: (line) => complaints.push(line),
      signal,
    },
  );
  return { code, text: lines.join('\n'), complaints: complaints.join('\n') };
}

/** Why the command line is refused. */
const refusal = (...args: string[]): Promise<string> =>
  run(args).then(
    ({ text }) => text,
    (wrong: unknown) => (wrong instanceof Error ? wrong.message : String(wrong)),
  );

async function against(handler: Handler, ...args: string[]): Promise<Ran> {
  const server = await startSmall(handler);
  try {
    return await run([server.url.href, '--pause', '0', '--timeout', '2', ...args]);
  } finally {
    await server.close();
  }
}

/** Answers an unknown method with 200, and does not name itself. */
const sloppy: Handler = (request, response) => {
  const { message } = request;
  if (message.method === 'barewire/unknown') return error(200, -32601, message.id);
  if (message.method !== 'server/discover' || request.headers.authorization === 'Bearer t')
    return modern(request, response);
  const honest = modern(request, response);
  if (honest === 'taken' || honest.status !== 200) return honest;
  const { result: all } = JSON.parse(honest.body ?? '{}');
  return result(message, { ...all, _meta: {} });
};

test('no line of the report is as long as the server wants', async () => {
  const boasting: Handler = (request, response) => {
    const honest = modern(request, response);
    if (honest === 'taken' || request.message.method !== 'server/discover') return honest;
    const { result: all } = JSON.parse(honest.body ?? '{}');
    if (!isRecord(all)) return honest;
    const name = `\u001b[2J${'n'.repeat(100_000)}`;
    const _meta = { 'io.modelcontextprotocol/serverInfo': { name, version: name } };
    return result(request.message, { ...all, capabilities: { [name]: {} }, _meta });
  };
  const { text } = await against(boasting, '--stage', 'discovery');
  assert.match(text, /^server {7}\\x1b\[2Jnnn/m);
  for (const line of text.split('\n')) assert.ok(line.length < 1_000, line.slice(0, 200));
});

test('a failure says which clause, what was sent, what came, what was expected, and how to see it again', async () => {
  const { code, text } = await against(sloppy, '--stage', 'json-rpc');
  assert.is(code, 1);
  assert.match(text, /^ {2}✗ an unknown method is 404 and -32601$/m);
  assert.match(text, /^ {6}MUST: An unimplemented RPC method gives HTTP 404 together with/m);
  assert.match(
    text,
    /^ {6}2026-07-28\/streamable-http\/034 {2}https:\/\/modelcontextprotocol\.io\/specification\//m,
  );
  assert.match(text, /^ {6}status: expected HTTP\/1\.1 404, received HTTP\/1\.1 200 OK$/m);
  assert.match(text, /^ {6}sent {6}POST \/mcp HTTP\/1\.1$/m);
  assert.match(text, /^ {6}received {2}HTTP\/1\.1 200 OK$/m);
  assert.match(text, /^ {6}expected {2}HTTP\/1\.1 404$/m);
  assert.match(text, /^ {6}again {5}curl -si http:\/\/127\.0\.0\.1:\d+\/mcp .*barewire\/unknown/m);
  assert.match(text, /^ {6}alone {5}--only json-rpc\/answers-an-unknown-method-with-404\.wire$/m);
  assert.match(text, /passed, 1 violated MUST, \d+ violated SHOULD/);
});

test('a violated SHOULD is a warning, and the exit code stays 0', async () => {
  const { code, text } = await against(sloppy, '--only', '2026-07-28/discover/004');
  assert.is(code, 0);
  assert.match(text, /^ {2}! server\/discover says which server answers$/m);
  assert.match(text, /^0 passed, 0 violated MUST, 1 violated SHOULD/m);
});

test('one transcript can be chosen by its name, with or without its ending', async () => {
  for (const name of ['json-rpc/refuses-a-batch', 'json-rpc/refuses-a-batch.wire'])
    assert.match((await against(modern, '--only', name)).text, /^1 passed, 0 violated MUST/m);
});

test('transcripts that do not apply are listed with the reason on request', async () => {
  const quiet = await against(modern, '--stage', 'tools');
  assert.not.match(quiet.text, /does not declare tools/);
  const { text } = await against(modern, '--stage', 'tools', '--verbose');
  assert.match(text, /– a call is answered with content \(the server does not declare tools\)/);
  assert.match(text, /– a call is answered with content \(legacy\) \(the server speaks no older revision\)/);
});

test('the JSON report has everything', async () => {
  const { code, text } = await against(sloppy, '--json');
  const report: unknown = JSON.parse(text);
  assert.is(code, 1);
  assert.ok(isRecord(report) && isRecord(report.counts) && Array.isArray(report.results));
  assert.is(report.counts.errors, 1);
  const failed = report.results.filter((one) => isRecord(one) && one.kind === 'failed');
  assert.equal(
    failed.map(({ file }) => file),
    ['discovery/names-the-server.wire', 'json-rpc/answers-an-unknown-method-with-404.wire'],
  );
  const [{ failure }] = failed;
  assert.match(failure.curl, /^curl -si/);
  assert.is(failure.clauses[0].id, '2026-07-28/discover/004');
});

test('as JUnit, a violated MUST is a failure and a SHOULD is not', async () => {
  const { code, text } = await against(sloppy, '--junit');
  assert.is(code, 1);
  assert.match(text, /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="barewire check">/);
  assert.is(text.match(/<failure /g)?.length, 1);
  assert.match(text, /<testsuite name="json-rpc" tests="\d+" failures="1" skipped="\d+">/);
  assert.match(text, /<system-out>SHOULD 2026-07-28\/discover\/004/);
  assert.not.match(text, /[^\t\n\x20-\uffff]/);
  assert.not.match(text.replace(/&(amp|lt|gt|quot);/g, ''), /&/);
});

test('a token from the variable is sent, and shown nowhere', async () => {
  const server = await startSmall((request, response) =>
    request.headers.authorization === 'Bearer very-secret-token'
      ? sloppy(request, response)
      : json(401, {}, { 'www-authenticate': 'Bearer scope="a"' }),
  );
  const lines: string[] = [];
  const io = {
    print: (line: string) => lines.push(line),
    complain: () => {},
    signal: new AbortController().signal,
  };
  const code = await checkCommand(
    [server.url.href, '--pause', '0', '--stage', 'json-rpc'],
    { BAREWIRE_TOKEN: 'very-secret-token' },
    { ...io, print: (line) => void io.print(line) },
  );
  await server.close();
  assert.is(code, 1);
  assert.match(lines.join('\n'), /Authorization: Bearer \$TOKEN/);
  assert.not.match(lines.join('\n'), /very-secret-token/);
});

test('an interrupted check ends at once with 130', async () => {
  const interrupt = new AbortController();
  const server = await startSmall((...request) => {
    interrupt.abort();
    return modern(...request);
  });
  const { code, complaints } = await run([server.url.href], interrupt.signal);
  await server.close();
  assert.is(code, 130);
  assert.is(complaints, 'interrupted');
});

test('a wrong command line is answered with what was expected', async () => {
  assert.match(await refusal('ftp://example.com'), /expected .*https:\/\/example\.com\/mcp/);
  assert.match(await refusal('--stage', 'tool', 'http://a.example'), /did you mean tools\?/);
  assert.match(await refusal('--only', 'nothing', 'http://a.example'), /no transcript is called "nothing"/);
  assert.match(await refusal('--args', '{}', 'http://a.example'), /--args: expected --tool with it/);
  assert.match(await refusal('--tool', 't', '--args', '[1]', 'http://a.example'), /expected a JSON object/);
  assert.match(await refusal('--pause', 'long', 'http://a.example'), /--pause: expected milliseconds/);
  assert.match(await refusal('--era', 'new', 'http://a.example'), /--era: expected modern or legacy/);
  assert.match(await refusal('http://a.example', 'http://b.example'), /expected one address/);
});

test('help, the list of transcripts and the list of requirements ask no server', async () => {
  assert.match((await run(['--help'])).text, /^usage: barewire check URL/);
  assert.match((await run([])).text, /^usage: barewire check URL/);
  const list = await run(['--list', '--stage', 'sessions']);
  assert.match(
    list.text,
    /^sessions\/forgets-an-ended-session\.wire\n {4}.*\n {4}2025-11-25\/transports\/058$/m,
  );
  const { text } = await run(['--requirements']);
  assert.match(text, /^\d+ requirements are checked by transcripts/);
  assert.match(text, /^\d+ cannot be observed from outside/m);
  assert.match(text, /^ {2}2025-11-25\/tasks\/001 MUST: .*\n {6}\(here: the experimental tasks/m);
});

test('between two requests there is a pause, unless enough time has passed anyway', async () => {
  let time = 1_000;
  const slept: number[] = [];
  const timer = {
    now: () => time,
    async sleep(ms: number) {
      slept.push(ms);
      time += ms;
    },
  };
  const pace = createPace(100, timer, new AbortController().signal);
  await pace();
  time += 30;
  await pace();
  time += 500;
  await pace();
  assert.equal(slept, [70]);
});

test.run();
