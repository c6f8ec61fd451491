/** What replicas have to share, asked on the wire: quotas, approvals, changes of lists, and the sessions of legacy clients. */
import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { ApproverPerson } from '../support/approver.js';
import { Client, legacy, messageIn, modern, type Reply } from './client.js';
import { COUNTED_A_MINUTE, type Replica, type Stage } from './stage.js';

/** `wrong` is what was seen instead; a check without it holds. */
export type Check = { what: string; wrong?: string | undefined };

export const holds = ({ wrong }: Check): boolean => wrong === undefined || wrong === '';

export async function checkShared(stage: Stage, replicas: readonly Replica[]): Promise<Check[]> {
  return [
    await attempted('one quota is shared by all replicas', () => oneQuota(stage)),
    await attempted('a switch in the registry reaches modern subscribers at all replicas', () =>
      listChange(stage, replicas),
    ),
  ];
}

export function checkApproval(stage: Stage, replicas: readonly Replica[]): Promise<Check> {
  const what = 'an approval is asked for once, decided once, and used up once, at whichever replica';
  return attempted(what, () => oneApproval(stage, replicas));
}

export async function attempted(what: string, look: () => Promise<string | undefined>): Promise<Check> {
  try {
    return { what, wrong: await look() };
  } catch (error) {
    return { what, wrong: error instanceof Error ? error.message : String(error) };
  }
}

async function oneQuota(stage: Stage): Promise<string | undefined> {
  const token = stage.token('scale:use');
  const began = performance.now();
  const clients = Array.from({ length: 10 }, () => new Client(stage.doors.readonly.port, token));
  const answers = await Promise.all(
    clients.map(async (client, number) => {
      const replies: Reply[] = [];
      for (let turn = 0; turn < COUNTED_A_MINUTE / 5; turn += 1) {
        const params = { name: 'scale.counted', arguments: { a: 1, b: 2 } };
        replies.push(await client.post(modern(`quota-${number}-${turn}`, 'tools/call', params)));
      }
      client.close();
      return replies;
    }),
  );
  const all = answers.flat();
  const count = (status: number): number => all.filter((reply) => reply.status === status).length;
  // The bucket fills while it is emptied.
  const most = COUNTED_A_MINUTE + Math.ceil(((performance.now() - began) / 60_000) * COUNTED_A_MINUTE);
  const [allowed, refused] = [count(200), count(429)];
  const by = new Set(all.filter(({ status }) => status === 200).map(({ servedBy }) => servedBy.at(-1)));
  if (allowed >= COUNTED_A_MINUTE && allowed <= most && allowed + refused === all.length && by.size > 1)
    return undefined;
  return `${allowed} of ${all.length} were allowed by ${by.size} replicas, and ${COUNTED_A_MINUTE} to ${most} are`;
}

async function oneApproval(stage: Stage, replicas: readonly Replica[]): Promise<string | undefined> {
  const token = await stage.demoToken(stage.doors.destructive.url, 'scale:change');
  const at = replicas.map(({ port }) => new Client(port, token));
  const params = { name: 'scale.change', arguments: { a: 3, b: Date.now() } };
  const call = async (client: Client | undefined): Promise<{ ran: boolean; url: string | undefined }> => {
    if (client === undefined) throw new Error('there is one replica only');
    const reply = await client.post(legacy('approval', 'tools/call', params));
    const message = messageIn(reply) ?? {};
    const { error } = message as { error?: { data?: { approval?: { url?: string } } } };
    return { ran: 'result' in message, url: error?.data?.approval?.url };
  };
  const asked = await Promise.all(at.map(call));
  const [first] = asked;
  if (first?.url === undefined || asked.some(({ url }) => url !== first.url))
    return `asked for ${JSON.stringify(asked)}`;
  await new ApproverPerson(`http://localhost:${stage.doors.destructive.port}`, stage.issuer).decide(
    first.url,
  );
  // All at once: one of them gets it.
  const used = await Promise.all(at.map(call));
  const ran = used.filter((one) => one.ran).length;
  for (const client of at) client.close();
  return ran === 1 ? undefined : `${ran} calls ran by one approval: ${JSON.stringify(used)}`;
}

async function listChange(stage: Stage, replicas: readonly Replica[]): Promise<string | undefined> {
  const write = await stage.demoToken(stage.registry, 'registry:write');
  const headers = { authorization: `Bearer ${write}`, 'content-type': 'application/json' };
  const toRegistry = async (method: string, path: string, body: object): Promise<void> => {
    const answer = await fetch(`${stage.registry}${path}`, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  };
  await toRegistry('POST', '/api/servers', { url: stage.doors.readonly.url }).catch((error: Error) => {
    if (!error.message.includes('409')) throw error;
  });
  await within(20_000, 'the registry has not seen the server', async () => {
    const answer = await fetch(`${stage.registry}/api/search?state=on`);
    return ((await answer.json()) as { total: number }).total > 0;
  });
  const token = stage.token('scale:use');
  const heard = replicas.map(({ port }) => listen(port, token));
  await within(5_000, 'not every replica took a subscriber', async () =>
    heard.every(({ text }) => text().includes('acknowledged')),
  );
  for (const enabled of [false, true]) {
    const path = '/api/servers/internal-readonly-mcp/tools/scale.metered/switch';
    await toRegistry('PUT', path, { enabled, reason: 'a check' });
    const times = enabled ? 2 : 1;
    await within(10_000, `a subscriber has not heard that the tool is ${enabled ? 'on' : 'off'}`, async () =>
      heard.every(({ text }) => text().split('tools/list_changed').length > times),
    );
  }
  for (const { end } of heard) end();
  return undefined;
}

/** A modern subscriber of one replica, and everything it was told. */
function listen(port: number, token: string): { text: () => string; end: () => void } {
  const message = modern('listen', 'subscriptions/listen', { notifications: { toolsListChanged: true } });
  let text = '';
  const asked = request(
    {
      host: '127.0.0.1',
      port,
      path: '/mcp',
      method: 'POST',
      headers: {
        ...message.headers,
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
    },
    (response) =>
      response
        .setEncoding('utf8')
        .on('data', (part: string) => (text += part))
        .on('error', () => {}),
  );
  asked.on('error', () => {});
  asked.end(JSON.stringify(message.body));
  return { text: () => text, end: () => void asked.destroy() };
}

async function within(ms: number, otherwise: string, come: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + ms;
  while (!(await come())) {
    if (performance.now() > until) throw new Error(otherwise);
    await pause(100);
  }
}
