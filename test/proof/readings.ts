/** Violations in reading: a header that the server ignores, a member that it mistakes for another. */
import { changedAt, drop } from './pointer.js';
import { headed, isObject, type JsonObject, parsed, type Sent, type Violation } from './violation.js';

const META = 'io.modelcontextprotocol/';
const json = (value: unknown) => JSON.stringify(value);

/** Parts of requests that the server never reads. */
export const ignoresHeader = (name: string): Violation => ({
  does: `does not look at the header ${name}`,
  request: (sent) =>
    headed(sent, name) === undefined
      ? undefined
      : { ...sent, headers: sent.headers.filter(([key]) => key.toLowerCase() !== name) },
});
export const readsHeaders = (
  does: string,
  change: (headers: Sent['headers'], body: JsonObject) => Sent['headers'],
): Violation => ({
  does,
  request(sent) {
    const body = parsed(sent.body);
    if (!isObject(body)) return undefined;
    const headers = change(sent.headers, body);
    return json(headers) === json(sent.headers) ? undefined : { ...sent, headers };
  },
});
export const reads = (does: string, pointer: string, to: unknown): Violation => ({
  does,
  request(sent) {
    const body = parsed(sent.body);
    const change =
      to === undefined ? drop : typeof to === 'function' ? (value: unknown) => to(value) : () => to;
    const changed = changedAt(body, pointer, change);
    return changed === undefined ? undefined : { ...sent, body: json(changed) };
  },
});
export const ignoresMessage = (method: string): Violation => ({
  does: `does not heed ${method}`,
  request(sent) {
    const body = parsed(sent.body);
    return isObject(body) && body.method === method ? 'lost' : undefined;
  },
});

export const everyCapability = {
  elicitation: { form: {}, url: {} },
  sampling: { tools: {} },
  roots: {},
  extensions: { [`${META}tasks`]: {} },
};
/** Asks whatever it likes, whether the client said that it can or not. */
export const assumesCapabilities = reads(
  'assumes what the client did not declare',
  `/params/_meta/${META.replace('/', '~1')}clientCapabilities`,
  (value: unknown) => (value === undefined ? undefined : everyCapability),
);
export const assumesLegacyCapabilities = reads(
  'assumes what the client did not declare in its handshake',
  '/params/capabilities',
  (value: unknown) => (value === undefined ? undefined : everyCapability),
);
/** Holds a later request for one of a client that has said before what it can. */
export const remembersCapabilities: Violation = {
  does: 'takes the capabilities of a request over to those that follow',
  request(sent, before) {
    const named = (one: Sent) => {
      const body = parsed(one.body);
      const params = isObject(body) ? body.params : undefined;
      const meta = isObject(params) && isObject(params._meta) ? params._meta : {};
      return meta[`${META}clientCapabilities`];
    };
    const now = named(sent);
    if (!isObject(now)) return undefined;
    const known = Object.assign({}, ...before.map(named), now);
    if (Object.keys(known).length === Object.keys(now).length) return undefined;
    const body = changedAt(
      parsed(sent.body),
      `/params/_meta/${META.replace('/', '~1')}clientCapabilities`,
      () => known,
    );
    return { ...sent, body: json(body) };
  },
};
/** The mirrored headers are overwritten from the body, as if the server did not compare them. */
export const comparesNothing = readsHeaders('does not compare headers with the body', (headers, body) => {
  const params = isObject(body.params) ? body.params : {};
  const meta = isObject(params._meta) ? params._meta : {};
  const right: [string, unknown][] = [
    ['mcp-protocol-version', meta[`${META}protocolVersion`]],
    ['mcp-method', body.method],
    ['mcp-name', params.name ?? params.uri ?? params.taskId],
  ];
  const others = headers.filter(
    ([key]) => !right.some(([name, value]) => value !== undefined && name === key.toLowerCase()),
  );
  return [
    ...others,
    ...right.flatMap(([name, value]): Sent['headers'] => (typeof value === 'string' ? [[name, value]] : [])),
  ];
});

/** A late cancellation is treated as an unknown request. */
export const trippedByLateCancellation: Violation = {
  does: 'answers a late cancellation with an error',
  request(sent) {
    const body = parsed(sent.body);
    if (!isObject(body) || body.method !== 'notifications/cancelled') return undefined;
    return { ...sent, body: json({ ...body, id: 'late' }) };
  },
};
