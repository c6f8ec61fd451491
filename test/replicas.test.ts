/**
 * Chapter 19 as its reader meets it: a real nginx with the page's own configuration, a real PostgreSQL server, two replicas
 * started by the page's commands, and what is to be seen there. Ports are free ones, and the database is made by the tests.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Block, blocksOf, compare } from './support/chapter.js';
import { freePort } from './support/free-port.js';
import { startPostgres } from './support/postgres.js';
import { type Process, paste, ROOT, run } from './support/process.js';
import { needPrograms, skipFile } from './support/programs.js';
import { until } from './support/until.js';

needPrograms('replicas', 'nginx', 'bash', 'curl');
const test = suite('replicas');
const NGINX = '/usr/sbin/nginx';
const PORTS = ['3000', '3002', '3003', '3011', '3012', '8080'] as const;

const blocks = blocksOf('19-replicas');
const block = (holding: string): Block => {
  const found = blocks.find(({ text }) => text.includes(holding));
  if (found === undefined) throw new Error(`the page has no block with ${holding}`);
  return found;
};

const soon = (holds: () => Promise<boolean>): Promise<true> => until(holds, holds.toString(), 60_000);

test('two replicas behind nginx are one server, even when one of them is gone', async () => {
  const database = await startPostgres();
  if (database === undefined) skipFile('replicas', 'PostgreSQL is not installed here');
  const folder = mkdtempSync(join(tmpdir(), 'barewire-replicas-'));
  const ports = new Map<string, number>();
  for (const port of PORTS) ports.set(port, await freePort());
  const here = (text: string): string => {
    let real = text
      .replaceAll('postgres://postgres@localhost:5433/postgres', database.url)
      .replaceAll('/tmp/lesson-nginx', folder)
      .replaceAll('/tmp/lesson-head', join(folder, 'head'));
    for (const [shown, port] of ports)
      real = real.replace(new RegExp(`(?<=[ :])${shown}(?!\\d)`, 'g'), String(port));
    return real;
  };
  const env = {
    XDG_STATE_HOME: join(folder, 'state'),
    BAREWIRE_READONLY_PORT: String(ports.get('3000')),
    BAREWIRE_REGISTRY_PORT: String(ports.get('3002')),
    BAREWIRE_AUTHSERVER_PORT: String(ports.get('3003')),
  };
  const replicas: Process[] = [];
  let variables: { [name: string]: string } = {};
  const typed = async (text: string): Promise<string> => {
    const names = [...text.matchAll(/^([A-Z_]+)=/gm)].map(([, name = '']) => name);
    const print = names.map((name) => `printf '\\0%s' "$${name}"`).join('; ');
    const { code, stdout, stderr } = await paste(`${here(text)}\n${print}`, { ...env, ...variables });
    assert.is(code, 0, stderr);
    const [shown = '', ...values] = stdout.split('\0');
    variables = { ...variables, ...Object.fromEntries(names.map((name, at) => [name, values[at] ?? ''])) };
    return shown.trim();
  };
  try {
    writeFileSync(join(folder, 'nginx.conf'), here(block('worker_processes').text));
    await typed(block('-c nginx.conf\n').text);
    for (const name of ['--replica a ', '--replica b ']) {
      const replica = run(
        'bash',
        ['-c', here(block(name).text).replace('node dist', 'exec node dist')],
        env,
        ROOT,
      );
      replicas.push(replica);
      await replica.seen('Ctrl-C stops it.');
    }
    await soon(async () => {
      const answer = await fetch(here('http://localhost:3002/api/search?state=on'));
      return ((await answer.json()) as { total: number }).total === 2;
    });
    await typed(block("scope='jira:write'").text);
    await typed(block('SESSION=').text);
    const answering = block('for TURN in 1 2 3 4');
    // The registry came by way of nginx before there was a second replica: for two seconds nginx tries it no more.
    const both = blocks[blocks.indexOf(answering) + 1];
    await soon(
      async () =>
        both !== undefined &&
        compare({ ...both, text: here(both.text) }, await typed(answering.text)) === undefined,
    );
    for (const asked of [answering, block('Ask a replica'), block('WRITE=')]) {
      const shown = blocks[blocks.indexOf(asked) + 1];
      if (shown === undefined) throw new Error('nothing is shown');
      const came = await typed(asked.text);
      assert.is(compare({ ...shown, text: here(shown.text) }, came), undefined);
    }
    // One of them is stopped, and no client notices.
    replicas[1]?.child.kill('SIGINT');
    await replicas[1]?.ended;
    const left = await typed(
      answering.text.replaceAll('| grep -i x-served-by', "| grep -iE '^(HTTP|x-served-by)'"),
    );
    assert.is(left.match(/HTTP\/1\.1 200/g)?.length, 4, left);
    assert.is(left.match(new RegExp(`${ports.get('3011')}\\s*$`, 'gm'))?.length, 4, left);
    const ending = block('for METHOD in DELETE POST');
    const ended = blocks[blocks.indexOf(ending) + 1];
    if (ended === undefined) throw new Error('nothing is shown');
    assert.is(compare(ended, await typed(ending.text)), undefined);
  } finally {
    for (const { child, ended } of replicas) {
      child.kill('SIGTERM');
      await ended;
    }
    await paste(here(`${NGINX} -p /tmp/lesson-nginx -e error.log -c nginx.conf -s stop`));
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
