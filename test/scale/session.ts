/** A legacy client in a session through nginx: handshake, call, question and answer go wherever nginx sends them. */
import { attempted, type Check } from './checks.js';
import { Client, LEGACY, legacy, messageIn, type Reply } from './client.js';
import type { Stage } from './stage.js';

const CAPABLE = {
  protocolVersion: LEGACY,
  capabilities: { elicitation: {} },
  clientInfo: { name: 'scale', version: '1' },
};

export function checkSessions(stage: Stage, times = 6): Promise<Check> {
  const what = 'legacy sessions: a handshake, a call that asks and its answer may each reach another replica';
  return attempted(what, async () => {
    let crossed = 0;
    for (let turn = 1; turn <= times; turn += 1) {
      const servers = await askedInSession(stage, `client ${turn}`);
      if (new Set(servers).size > 1) crossed += 1;
    }
    return crossed > 0 ? undefined : 'each was served by one replica alone';
  });
}

/** Who answered the handshake, the call, and the answer to its question. @throws Error that tells what went wrong. */
async function askedInSession(stage: Stage, name: string): Promise<(string | undefined)[]> {
  const token = stage.token('scale:use');
  const { port } = stage.doors.readonly;
  const [client, other] = [new Client(port, token), new Client(port, token)];
  try {
    const opened = await client.post(legacy(name, 'initialize', CAPABLE));
    const { session } = opened;
    if (session === undefined) throw told('the handshake', opened);
    const headers = { 'mcp-session-id': session, 'mcp-protocol-version': LEGACY };
    const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' };
    await client.post({ headers, body: initialized });
    let answering: Promise<Reply> | undefined;
    let fail = (_: unknown): void => {};
    // A call whose answer got lost would wait for its deadline, so the first failure is reported.
    const failed = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const answer = async (question: string): Promise<void> => {
      const { id } = JSON.parse(question) as { id: unknown };
      const result = { action: 'accept', content: { name } };
      answering = other.post({ headers, body: { jsonrpc: '2.0', id, result } });
      const reply = await answering;
      if (reply.status !== 202) throw told('the answer to the question', reply);
    };
    const asking = legacy(name, 'tools/call', { name: 'scale.ask', arguments: {} }, session);
    const calling = client.post(asking, (soFar) => {
      const question = /^data: (.*"elicitation\/create".*)$/m.exec(soFar)?.[1];
      if (question !== undefined && answering === undefined) answer(question).catch(fail);
    });
    calling.catch(() => undefined); // it is given up when the answer failed
    const call = await Promise.race([calling, failed]);
    const { result } = (messageIn(call) ?? {}) as { result?: { structuredContent?: { greeted?: string } } };
    if (result?.structuredContent?.greeted !== name) throw told('the call', call);
    return [opened, call, await answering].map((reply) => reply?.servedBy.at(-1));
  } finally {
    client.close();
    other.close();
  }
}

function told(what: string, { status, text }: Reply): Error {
  return new Error(`${what} got ${status} ${text.slice(0, 200)}`);
}
