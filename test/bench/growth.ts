/**
 * Growth: processor time per call while the number of tools, or of tenants that call, becomes a hundred or a thousand times as
 * large. Of tools the last one is called, and a page of seven from the middle of the list is fetched. Each call of the tenants
 * is another tenant's than the one before, which is the worst order for whatever is kept for a tenant.
 */
import type { Child, ChildSpec } from './child.js';
import { load } from './load.js';
import { add, ask, type Call, type Sent, send, sendCall } from './requests.js';
import { type Series, spread } from './results.js';
import type { Scene } from './scene.js';
import { governed, library } from './servers.js';

const TOOLS = [7, 70, 300, 1_000];
const TENANTS = [10, 100, 1_000, 10_000];
const PAGE = 7;
/** The tools of the readonly server and `add`; the others are made. */
const OTHERS = 6;
const CONNECTIONS = 100;
/** Calls a second that are surely made: so long every token is sent once before what counts begins. */
const SLOWEST = 300;

type Point = Series['points'][number];
type Growing = Series & { points: Point[]; wrong: string[] };

export async function benchGrowth(scene: Scene): Promise<Series[]> {
  return [...(await overTools(scene)), ...(await overTenants(scene))];
}

const growing = (name: string, over: Series['over']): Growing => ({ name, over, points: [], wrong: [] });

async function overTools(scene: Scene): Promise<Series[]> {
  const calls = growing('governed: tools/call, over the number of tools', 'tools');
  const pages = growing(`governed: tools/list, a page of ${PAGE}, over the number of tools`, 'tools');
  for (const tools of sizes(scene, TOOLS)) {
    const others = tools - OTHERS;
    const spec = governed(scene, { tools: others, flags: ['--page-size', String(PAGE)] });
    const server = await scene.start(spec);
    const token = scene.token(server.resource);
    const call: Call = add('modern', `add.${others - 1}`);
    await point(calls, tools, scene, server, sendCall(call, token), call);
    const { cursors, listed } = await walk(server.url, token);
    if (listed !== tools) pages.wrong.push(`${listed} tools are listed instead of ${tools}`);
    await point(pages, tools, scene, server, page(token, cursors[Math.floor(cursors.length / 2)]));
    await server.stop();
  }
  return [calls, pages];
}

async function overTenants(scene: Scene): Promise<Series[]> {
  const kinds: [string, () => ChildSpec][] = [
    ['library with OAuth and policy, over the number of tenants', () => library(scene, { auth: true })],
    ['governed (audit: a file a tenant), over the number of tenants', () => governed(scene)],
  ];
  const all: Series[] = [];
  for (const [name, spec] of scene.quick ? kinds.slice(1) : kinds) {
    const series = growing(name, 'tenants');
    all.push(series);
    for (const tenants of sizes(scene, TENANTS)) {
      const server = await scene.start(spec());
      const tokens = Array.from({ length: tenants }, (_, at) =>
        scene.token(server.resource, { tenant: `tenant-${at}`, sub: `user-${at}` }),
      );
      const call = add('modern');
      const sent = sendCall(call, tokens[0]);
      // Signatures are verified once a minute for each token: that is not what grows.
      const seconds = Math.ceil(tenants / SLOWEST);
      if (tenants > CONNECTIONS) await load(server.url, sent, { connections: CONNECTIONS, seconds, tokens });
      await point(series, tenants, scene, server, sent, call, tokens);
      await server.stop();
    }
  }
  return all;
}

const sizes = ({ quick }: Scene, all: readonly number[]): readonly number[] =>
  quick ? all.filter((_, at) => at === 0 || at === all.length - 2) : all;

/** Loads a server with one request, and adds what it costs to a series. */
async function point(
  series: Growing,
  at: number,
  scene: Scene,
  server: Child,
  sent: Sent,
  call?: Call,
  tokens?: readonly string[],
): Promise<void> {
  const options = { connections: CONNECTIONS, ...(tokens === undefined ? {} : { tokens }) };
  if (!scene.quick) await load(server.url, sent, { ...options, seconds: 1 });
  const costs: number[] = [];
  const rates: number[] = [];
  for (let round = 0; round < scene.rounds; round += 1) {
    const cpu = server.cpuMicros();
    const { requests, perSecond, errors } = await load(server.url, sent, {
      ...options,
      seconds: Math.min(3, scene.seconds),
    });
    costs.push((server.cpuMicros() - cpu) / Math.max(1, requests));
    rates.push(perSecond);
    if (errors > 0) series.wrong.push(`${errors} answers under load were no answers, at ${at}`);
    const problem = call === undefined ? undefined : await ask(server.url, call, sent);
    if (problem !== undefined) series.wrong.push(problem);
  }
  const found = { at, cpuMicros: spread(costs).median, perSecond: spread(rates).median };
  series.points.push(found);
  scene.say(`growth   ${series.name}: ${at}: ${found.cpuMicros.toFixed(0)} µs CPU a call`);
}

function page(token: string, cursor?: string): Sent {
  return send('modern', 'tools/list', cursor === undefined ? {} : { cursor }, { token });
}

/** All pages, once: the cursors that lead to full ones, and how many tools there are. */
async function walk(url: string, token: string): Promise<{ cursors: string[]; listed: number }> {
  const cursors: string[] = [];
  let listed = 0;
  let cursor: string | undefined;
  for (;;) {
    const response = await fetch(url, { method: 'POST', ...page(token, cursor) });
    type Page = { result?: { tools: unknown[]; nextCursor?: string } };
    const { result } = (await response.json()) as Page;
    if (result === undefined) return { cursors, listed };
    listed += result.tools.length;
    if (cursor !== undefined && result.tools.length === PAGE) cursors.push(cursor);
    if (result.nextCursor === undefined) return { cursors, listed };
    cursor = result.nextCursor;
  }
}
