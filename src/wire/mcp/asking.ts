/** Asking a client for one thing or for several: the shape that the call, its rounds and its tasks have in common. */
import type { JsonObject } from '../value.js';
import type { InputRequest } from './input.js';
import { InputRequired } from './input-rounds.js';

export type Ask = (key: string, request: InputRequest) => Promise<JsonObject>;

/** Every question is put before the first missing answer ends the run, so that the client sees them together. */
export async function askAll<Asked extends { [key: string]: InputRequest }>(
  requests: Asked,
  ask: Ask,
): Promise<{ [Key in keyof Asked]: JsonObject }> {
  const asked = Object.entries(requests).map(([key, request]) =>
    ask(key, request).then((answer) => [key, answer]),
  );
  const settled = await Promise.allSettled(asked);
  const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  // What can never be answered weighs more than what is not answered yet.
  const failed = reasons.find((reason) => !(reason instanceof InputRequired)) ?? reasons[0];
  if (failed !== undefined) throw failed;
  return Object.fromEntries(await Promise.all(asked)) as { [Key in keyof Asked]: JsonObject };
}
