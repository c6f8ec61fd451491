/** What every client must see of the tools in tools.ts, whatever its version, revision and transport. */

import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { isRevision, REVISIONS } from '../../src/wire/revisions.js';
import { isRecord, type JsonObject } from '../../src/wire/value.js';
import { checkEmitted } from '../support/emitted.js';
import { until } from '../support/until.js';
import type { Progress, Session } from './sessions.js';
import { TOOLS } from './tools.js';
import type { Traffic } from './traffic.js';

export const PAGE_SIZE = 3;

export type Case = { name: string; revision: string; http: boolean; open: () => Promise<Session> };

/** Registers the tests of one client; the last of them closes it. */
export function expectService(test: Test, { name, revision, http, open }: Case): void {
  if (!isRevision(revision)) throw new Error(`${revision} is not served`);
  const shown = REVISIONS[revision];
  const modern = shown.era === 'modern';
  let opened: Promise<Session> | undefined;
  const session = (): Promise<Session> => {
    opened ??= open();
    return opened;
  };
  const check = (fact: string, run: (session: Session) => Promise<void>): void => {
    test(`${name}: ${fact}`, async () => run(await session()));
  };

  check(`agrees on ${revision}`, async (client) => assert.is(client.revision(), revision));

  check('lists the tools page by page, as its revision knows them', async ({ tools, traffic }) => {
    const listed = await tools();
    const names = listed.map((tool) => tool.name);
    for (const { name: own } of TOOLS) assert.is(names.filter((each) => each === own).length, 1, own);
    assert.is(traffic.results('tools/list').length, Math.ceil(names.length / PAGE_SIZE));
    const find = (wanted: string) => listed.find((tool) => tool.name === wanted);
    assert.is(find('text.echo')?.title, shown.structured ? 'Echo' : undefined);
    assert.is(find('text.echo')?.outputSchema !== undefined, shown.structured);
    assert.is(find('value.list')?.outputSchema !== undefined, modern);
  });

  check('calls a tool and reads its structured content', async ({ call }) => {
    const args = { text: 'größer 🦀', times: 3, loud: false };
    const { structuredContent, content } = await call('text.echo', args);
    assert.equal(structuredContent, shown.structured ? args : undefined);
    assert.equal(content, [{ type: 'text', text: JSON.stringify(args) }]);
  });

  check('gets an array as structured content only where the revision knows it', async ({ call }) => {
    const { structuredContent, content } = await call('value.list', {});
    assert.equal(structuredContent, modern ? [1, 2, 3] : undefined);
    assert.equal(content, [{ type: 'text', text: '[1,2,3]' }]);
  });

  check('reads every kind of content block of its revision', async ({ call }) => {
    const { content } = await call('content.blocks', {});
    assert.ok(Array.isArray(content));
    const kinds = content.map((block: JsonObject) => block.type);
    assert.equal(kinds, [
      'text',
      'image',
      shown.annotations ? 'audio' : 'text',
      shown.structured ? 'resource_link' : 'text',
      'resource',
    ]);
    assert.is(content[0].text, 'größer, 大きい, \u2028 and 🦀');
  });

  check('learns which argument is wrong', async ({ call }) => {
    if (shown.badArguments === 'error') {
      const { code, message } = await refusal(call('work.count', { steps: 'two' }));
      assert.is(code, -32602);
      assert.match(message, /steps/);
    } else {
      const result = await call('work.count', { steps: 'two' });
      assert.is(result.isError, true);
      assert.match(textOf(result), /steps/);
    }
  });

  check('is refused an unknown tool with -32602', async ({ call }) => {
    const { code, message } = await refusal(call('no.such', {}));
    assert.is(code, -32602);
    assert.match(message, /no such tool: no\.such/);
  });

  check('reads why a tool failed, and no more than it may', async ({ call }) => {
    const told = await call('work.fail', { how: 'told' });
    assert.equal([told.isError, textOf(told)], [true, 'the printer is out of paper']);
    const untold = await call('work.fail', { how: 'untold' });
    assert.is(untold.isError, true);
    assert.not.match(textOf(untold), /secret/);
  });

  check('receives progress in order', async ({ call }) => {
    const heard: Progress[] = [];
    await call('work.count', { steps: 5 }, { onprogress: (progress) => heard.push(progress) });
    assert.equal(
      heard.map(({ progress, total }) => [progress, total]),
      [1, 2, 3, 4, 5].map((step) => [step, 5]),
    );
    assert.is(heard[4]?.message, shown.annotations ? 'step 5' : undefined);
  });

  for (const streaming of [true, false]) {
    const how = streaming ? 'whose answer is already a stream' : 'that is still silent';
    check(`cancels a call ${how}, and the tool is told`, (client) =>
      cancels(client, `${name}, ${how}`, streaming, http && modern),
    );
  }

  check(modern ? 'has no ping' : 'pings', async ({ ping }) => {
    if (modern) await refusal(ping());
    else assert.equal(await ping(), {});
  });

  check('answers many calls at once, each with its own', async ({ call }) => {
    const texts = Array.from({ length: 20 }, (_, index) => `call ${index}`);
    const results = await Promise.all(texts.map((text) => call('text.echo', { text })));
    assert.equal(
      results.map(textOf),
      texts.map((text) => JSON.stringify({ text })),
    );
  });

  check(
    'finds nothing to complain about, nor does the schema of its revision',
    async ({ traffic, errors, close }) => {
      await close();
      assert.equal(errors, []);
      assert.equal(traffic.noise, []);
      assert.ok(traffic.received.length > 30);
      assert.equal(schemaProblems(traffic, revision), []);
    },
  );
}

async function cancels(
  session: Session,
  label: string,
  streaming: boolean,
  byLeaving: boolean,
): Promise<void> {
  const { call, traffic } = session;
  const leaving = new AbortController();
  let begun = (): void => {};
  const streams = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const options = { signal: leaving.signal, ...(streaming ? { onprogress: () => begun() } : {}) };
  const pending = refusal(call('work.wait', { label }, options));
  if (streaming) await streams;
  await until(async () => (await logOf(session)).started.includes(label));
  leaving.abort('enough');
  await pending;
  const find = async () => (await logOf(session)).aborted.find((stopped) => stopped.label === label);
  await until(async () => (await find()) !== undefined);
  assert.match((await find())?.reason ?? '', byLeaving ? 'closed the connection' : 'enough');
  const notices = traffic.sent.filter(
    ({ method, params }) =>
      method === 'notifications/cancelled' && isRecord(params) && params.reason === 'enough',
  );
  assert.is(notices.length > 0, !byLeaving);
}

/** Which waits have started, and which were stopped. */
export async function logOf({
  call,
}: Session): Promise<{ started: string[]; aborted: { label: string; reason: string }[] }> {
  return JSON.parse(textOf(await call('work.log', {})));
}

/** The text of the first content block. */
export function textOf({ content }: JsonObject): string {
  const [block]: unknown[] = Array.isArray(content) ? content : [];
  return isRecord(block) ? String(block.text) : '';
}

/** The error that a call ends with. */
export async function refusal(call: Promise<unknown>): Promise<{ code: unknown; message: string }> {
  let result: unknown;
  try {
    result = await call;
  } catch (error) {
    return { code: isRecord(error) ? error.code : undefined, message: String(error) };
  }
  throw new Error(`it was not refused: ${JSON.stringify(result)}`);
}

/** The errors of the official schema of a revision in the server's messages. */
export function schemaProblems(traffic: Traffic, revision: string): string[] {
  return traffic.received.flatMap((message) => {
    const verdict = checkEmitted({ revision, method: traffic.methodOf(message), message });
    return typeof verdict === 'string'
      ? []
      : verdict.problems.map((problem) => `${problem}: ${JSON.stringify(message)}`);
  });
}
