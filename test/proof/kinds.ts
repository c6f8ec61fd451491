/** The kinds of violations in the tables. Each kind brings its own description, so the tables need none. */
import { changedAt, drop } from './pointer.js';
import {
  type About,
  type Answer,
  headed,
  isObject,
  type JsonObject,
  parsed,
  type Sent,
  type Violation,
} from './violation.js';

const META = 'io.modelcontextprotocol/';
const json = (value: unknown) => JSON.stringify(value);

/** Only messages for which this holds. */
export function only(holds: (message: JsonObject) => boolean, { message, ...rest }: Violation): Violation {
  return { ...rest, message: (one, about) => (holds(one) ? message?.(one, about) : undefined) };
}
export const ofErrors = (violation: Violation) => only((message) => 'error' in message, violation);
export const ofNotifications = (violation: Violation) =>
  only((message) => 'method' in message && !('id' in message), violation);
export const ofMethod = (method: string, violation: Violation) =>
  only((message) => message.method === method, violation);
/** In the transcript whose path has this part. */
export const within = (file: string, violation: Violation): Violation => ({ ...violation, in: file });

/** A member is there with another value; a function gets the old one and returns undefined to keep it. */
export function changes(pointer: string, to: unknown): Violation {
  const change = typeof to === 'function' ? to : () => to;
  const words = typeof to === 'function' ? 'another value' : String(json(to)).slice(0, 60);
  return {
    does: `sends ${pointer} as ${words}`,
    message: (message) => wrapped(changedAt(message, pointer, (value) => change(value))),
  };
}
/** As `changes`, and only where the member is. */
export const alters = (pointer: string, to: unknown): Violation => ({
  ...changes(pointer, (value: unknown) => (value === undefined ? undefined : to)),
  does: `sends ${pointer} as ${String(json(to)).slice(0, 60)}`,
});
export const drops = (pointer: string): Violation => ({
  does: `leaves out ${pointer}`,
  message: (message) => wrapped(changedAt(message, pointer, drop)),
});
const wrapped = (value: unknown) => (isObject(value) ? [value] : undefined);

/** From the second such message on, a list is shorter or a value another. */
export function changesLater(pointer: string, to: unknown): Violation {
  const { message, does } = changes(pointer, to);
  const seen = new Set<string>();
  return {
    does: `${does}, and only the second time`,
    message(one, about) {
      const changed = message?.(one, about);
      const method = String(about.request?.method);
      if (about.count === 1) seen.clear();
      if (changed === undefined || seen.has(method)) return changed;
      seen.add(method);
      return undefined;
    },
  };
}

export const status = (code: number): Violation => ({
  does: `answers with status ${code}`,
  answer: (answer) => (answer.status === code ? undefined : { ...answer, status: code }),
});
export const statusInsteadOf = (was: number, code: number): Violation => ({
  does: `answers with status ${code} in place of ${was}`,
  answer: (answer) => (answer.status === was ? { ...answer, status: code } : undefined),
});
export const header = (name: string, value: string | undefined): Violation => ({
  does: value === undefined ? `leaves out the header ${name}` : `sends ${name}: ${value}`,
  answer(answer) {
    const old = headed(answer, name);
    if (old === value || (old === undefined && value === undefined)) return undefined;
    const others = answer.headers.filter(([key]) => key.toLowerCase() !== name);
    return { ...answer, headers: value === undefined ? others : [...others, [name, value]] };
  },
});
export const headerPart = (name: string, from: RegExp, to: string): Violation => ({
  does: `sends ${name} with ${to === '' ? 'nothing' : to} in place of ${from.source}`,
  answer(answer) {
    const old = headed(answer, name);
    if (old === undefined || !from.test(old)) return undefined;
    const others = answer.headers.filter(([key]) => key.toLowerCase() !== name);
    return { ...answer, headers: [...others, [name, old.replace(from, to)]] };
  },
});

/** Accepts what must be refused: a success with this result, or 202 for a notification. */
export function accepts(result: JsonObject = {}): Violation {
  const refused = (message: unknown) =>
    isObject(message) &&
    ('error' in message || (isObject(message.result) && message.result.isError === true));
  const success = (request: unknown, message: unknown): JsonObject => ({
    jsonrpc: '2.0',
    id: isObject(request) ? (request.id ?? null) : isObject(message) ? (message.id ?? null) : null,
    result: { resultType: 'complete', content: [], ...result },
  });
  return {
    does: 'takes what it must refuse',
    answer(answer, sent) {
      const message = parsed(answer.body);
      if (answer.status < 300 && !refused(message)) return undefined;
      if (/^(GET|HEAD|OPTIONS)/.test(sent.start))
        return { status: 200, headers: [['content-type', 'application/json']], body: '{}' };
      const request = parsed(sent.body);
      if (isObject(request) && !('id' in request))
        return { status: 202, headers: [['content-length', '0']], body: '' };
      return {
        status: 200,
        headers: [['content-type', 'application/json']],
        body: json(success(request, message)),
      };
    },
    message: (message, { request }) => (refused(message) ? [success(request, message)] : undefined),
  };
}
/** Refuses what it must accept. */
export const refuses = (code: number, httpStatus = 400): Violation => ({
  does: `refuses with ${code} what it must take`,
  answer(answer, sent) {
    if (answer.status >= 300) return undefined;
    const request = parsed(sent.body);
    const id = isObject(request) ? request.id : undefined;
    const body = json({
      jsonrpc: '2.0',
      ...(id === undefined ? {} : { id }),
      error: { code, message: 'no' },
    });
    return { status: httpStatus, headers: [['content-type', 'application/json']], body };
  },
  message: (message) =>
    'result' in message ? [{ jsonrpc: '2.0', id: message.id, error: { code, message: 'no' } }] : undefined,
});
/** An error comes as a result, or the other way round. */
export const replacesErrorBy = (result: JsonObject): Violation => ({
  does: `answers with a result ${json(result).slice(0, 60)} in place of an error`,
  message: (message) =>
    'error' in message
      ? [{ jsonrpc: '2.0', id: message.id, result: { resultType: 'complete', ...result } }]
      : undefined,
});
export const code = (number: number): Violation => ({
  does: `sends the error code ${number}`,
  message: (message) =>
    wrapped(isObject(message.error) ? changedAt(message, '/error/code', () => number) : undefined),
});
/** Requests get no response. */
export const silent: Violation = {
  does: 'answers nothing',
  answer: (answer) =>
    answer.body === '' ? undefined : { ...answer, headers: [['content-length', '0']], body: '' },
  message: (message) => ('result' in message || 'error' in message ? [] : undefined),
};
export const answersNotifications: Violation = {
  does: 'answers a notification with a response',
  answer: (answer, sent) =>
    answer.status === 202
      ? {
          status: 200,
          headers: [['content-type', 'application/json']],
          body: json({ jsonrpc: '2.0', id: isObject(parsed(sent.body)) ? 0 : null, result: {} }),
        }
      : undefined,
};
/** `_meta` keys, wherever they are. */
export function metaKeys(change: (key: string) => string): Violation {
  const within = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(within);
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => {
        if (key !== '_meta' || !isObject(one)) return [key, within(one)];
        return [key, Object.fromEntries(Object.entries(one).map(([name, inner]) => [change(name), inner]))];
      }),
    );
  };
  return {
    does: `names its _meta keys like ${change(`${META}serverInfo`)}`,
    message: (message) => wrapped(changedAt(message, '', within)),
  };
}

/** As plain JSON-RPC answers a message that it could not read. */
export const nullId: Violation = {
  ...changes('/id', (id: unknown) => (id === undefined ? null : undefined)),
  does: 'answers what it could not read with an id of null',
};

type Inserted = JsonObject | ((message: JsonObject, about: About) => JsonObject | undefined);
const made = (what: Inserted, message: JsonObject, about: About) =>
  typeof what === 'function' ? what(message, about) : what;
/** Sends a further message ahead of each one that this holds for. */
export const sendsBefore = (what: Inserted, holds: (message: JsonObject) => boolean): Violation => ({
  does: `sends ${typeof what === 'function' ? 'a message' : String(what.method)} where none may be`,
  message(message, about) {
    const more = holds(message) ? made(what, message, about) : undefined;
    return more === undefined ? undefined : [more, message];
  },
});
export const sendsAfter = (what: Inserted, holds: (message: JsonObject) => boolean): Violation => ({
  does: `sends ${typeof what === 'function' ? 'a message' : String(what.method)} afterwards`,
  message(message, about) {
    const more = holds(message) ? made(what, message, about) : undefined;
    return more === undefined ? undefined : [message, more];
  },
});
export const keepsBack = (method: string): Violation => ({
  does: `does not send ${method}`,
  message: (message) => (message.method === method ? [] : undefined),
});
export const repeats = (method: string): Violation => ({
  does: `sends ${method} twice`,
  message: (message) => (message.method === method ? [message, message] : undefined),
});

/** The server's question as a request of its own, in place of an input-required result. */
export const asksByRequest: Violation = {
  does: 'sends its question as a request of its own',
  message({ result }) {
    if (!isObject(result) || !isObject(result.inputRequests)) return undefined;
    const [question] = Object.values(result.inputRequests);
    return isObject(question) ? [{ jsonrpc: '2.0', id: 'of-the-server', ...question }] : undefined;
  },
};
export const answerBody = (
  does: string,
  change: (body: string, answer: Answer, sent: Sent) => string | undefined,
): Violation => ({
  does,
  answer(answer, sent) {
    const body = answer.body === '' ? undefined : change(answer.body, answer, sent);
    return body === undefined || body === answer.body ? undefined : { ...answer, body };
  },
});
