/** Requests to the read API of the official registry, and what is in the answers, in short. */
import * as assert from 'uvu/assert';
import type { Entry } from '../../src/services/registry/entry.js';
import { officialAnswer, type ServerList } from '../../src/services/registry/official/official.js';
import type { ServerResponse } from '../../src/services/registry/official/server-json.js';

export function ask(entries: readonly Entry[], target: string): { status: number; body: unknown } {
  const [path = '', query = ''] = target.split('?');
  const answer = officialAnswer(entries, path, new URLSearchParams(query));
  if (answer === undefined) throw new Error(`no answer to ${target}`);
  return answer;
}
export function list(entries: readonly Entry[], query = '', path = ''): ServerList {
  const { status, body } = ask(entries, `/v0.1/servers${path}?${query}`);
  assert.is(status, 200, JSON.stringify(body));
  return body as ServerList;
}
export const namesOf = ({ servers }: ServerList): string[] =>
  servers.map(({ server }) => `${server.name} ${server.version}`);
export function one(entries: readonly Entry[], path: string): ServerResponse {
  const { status, body } = ask(entries, `/v0.1/servers/${path}`);
  assert.is(status, 200, JSON.stringify(body));
  return body as ServerResponse;
}
