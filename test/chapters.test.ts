/**
 * The pages of the lesson as their reader meets them: every command of every chapter pasted in its order while the servers run,
 * with the real curl, and the answers that a page shows compared with those that come. `…` stands for what differs.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from './interop/expectations.js';
import { ApproverPerson } from './support/approver.js';
import { blocksOf, compare, EXERCISE } from './support/chapter.js';
import { type Ended, type Process, paste, ROOT, runServer } from './support/process.js';
import { needPrograms } from './support/programs.js';

needPrograms('chapters', 'bash', 'curl');
const test = suite('chapters');

const CHAPTERS = readdirSync(join(ROOT, 'spec-fixtures')).filter((name) => /^\d\d-/.test(name));
/** Its commands start servers of their own: replicas.test.ts runs them. */
const REPLICAS = '19-replicas';

/** One terminal next to running servers: variables that a command sets are there for the next. */
class Terminal {
  readonly #addresses = new Map<string, string>();
  readonly #variables: { [name: string]: string } = {};
  readonly #state = mkdtempSync(join(tmpdir(), 'barewire-chapter-'));
  #server: Process | undefined;

  async open(): Promise<void> {
    this.#server = runServer(['--replica', 'demo'], { XDG_STATE_HOME: this.#state });
    await this.#server.seen('Ctrl-C stops it.');
    const found = [
      ...this.#server.output().matchAll(/^ {2}(readonly|destructive|registry|authserver) +(http\S+)$/gm),
    ];
    const ports: { [name: string]: string } = {
      readonly: '3000',
      destructive: '3001',
      registry: '3002',
      authserver: '3003',
    };
    for (const [, name = '', url = ''] of found)
      this.#addresses.set(`localhost:${ports[name]}`, new URL(url).host);
    // A reader needs longer to type than the registry to look.
    await until(async () => {
      const answer = await fetch(`http://${this.here('localhost:3002')}/api/search?state=on`);
      return ((await answer.json()) as { total: number }).total === 2;
    });
  }

  here(text: string): string {
    let real = text;
    for (const [shown, host] of this.#addresses) real = real.replaceAll(shown, host);
    return real;
  }

  async type(text: string): Promise<Ended> {
    const names = [...text.matchAll(/^(?:export )?([A-Z_]+)=/gm)].map(([, name = '']) => name);
    const print = names.map((name) => `printf '\\0%s' "$${name}"`).join('; ');
    const env = { ...this.#variables, XDG_STATE_HOME: this.#state };
    const ended = await paste(`${this.here(text)}\n${print}`, env);
    const [stdout = '', ...values] = ended.stdout.split('\0');
    for (const [at, name] of names.entries()) this.#variables[name] = values[at] ?? '';
    return { ...ended, stdout };
  }

  /** What a page asks its reader to do with the answer before the next command. */
  async obey(answer: string): Promise<void> {
    const url = /http:\/\/[^"\s]+\/approvals\/[\w-]{20,}/.exec(answer)?.[0];
    if (url !== undefined)
      await new ApproverPerson(new URL(url).origin, `http://${this.here('localhost:3003')}`).decide(url);
  }

  async close(): Promise<void> {
    this.#server?.child.kill('SIGTERM');
    await this.#server?.ended;
    rmSync(this.#state, { recursive: true, force: true });
  }
}

for (const chapter of CHAPTERS.filter((name) => name !== REPLICAS)) {
  test(`every command of ${chapter} answers as its page shows`, async () => {
    const terminal = new Terminal();
    await terminal.open();
    try {
      const blocks = blocksOf(chapter);
      let pasted = 0;
      for (const [at, block] of blocks.entries()) {
        if (block.language !== 'sh' || EXERCISE.test(block.text)) continue;
        const { stdout, stderr } = await terminal.type(block.text);
        pasted += 1;
        const answer = blocks[at + 1];
        if (answer !== undefined && answer.language !== 'sh') {
          const problem = compare({ ...answer, text: terminal.here(answer.text) }, stdout.trim());
          assert.is(problem, undefined, `${chapter}/README.md:${block.line} ${problem} ${stderr}`);
        }
        await terminal.obey(stdout);
      }
      assert.ok(pasted > 0, 'there is something to paste');
    } finally {
      await terminal.close();
    }
  });
}

test('every chapter has a page that ends with an exercise', () => {
  assert.ok(CHAPTERS.length >= 18);
  for (const chapter of CHAPTERS) {
    const page = readFileSync(join(ROOT, 'spec-fixtures', chapter, 'README.md'), 'utf8');
    assert.match(page, /^# \d+\. .+\n\n\S/, chapter);
    assert.match(page, /^## Exercise$/m, chapter);
  }
});

test.run();
