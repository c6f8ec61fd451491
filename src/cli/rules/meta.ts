/** `_meta`: the grammar of its keys, and what modern messages hold there. */
import { isRecord, type JsonObject } from '../../wire/value.js';
import { CODES } from './codes.js';
import type { HeardMessage } from './heard-message.js';
import { CLIENT_REQUEST, type Finding, type Rule, SERVER_RESULT, since } from './rule.js';
import { quote } from './show.js';

const LABEL = /^[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?$/;
const NAME = /^([A-Za-z0-9]([\w.-]*[A-Za-z0-9])?)?$/;
const MAX_KEYS = 100;

type Key = { prefix: string | undefined; name: string };
function readKey(key: string): Key {
  const slash = key.indexOf('/');
  return slash < 0
    ? { prefix: undefined, name: key }
    : { prefix: key.slice(0, slash), name: key.slice(slash + 1) };
}
const labelsAreGood = ({ prefix }: Key): boolean =>
  prefix === undefined || prefix.split('.').every((label) => LABEL.test(label));
const nameIsGood = ({ name }: Key): boolean => NAME.test(name);
/** MCP's own names begin with `io.modelcontextprotocol/`. More of them may be defined than this code knows. */
const isForeignInOurName = ({ prefix }: Key): boolean => {
  const second = prefix?.split('.')[1];
  return prefix !== 'io.modelcontextprotocol' && (second === 'mcp' || second === 'modelcontextprotocol');
};

/** The keys that break a rule, in `_meta` and, for modern capabilities, in `extensions`. */
function badKeys({ json, kind }: HeardMessage, good: (key: Key) => boolean, expected: string): Finding[] {
  const inside = kind === 'result' ? 'result' : 'params';
  const body = json[inside];
  const meta = isRecord(body) && isRecord(body._meta) ? body._meta : undefined;
  return keysOf(meta)
    .filter((key) => !good(readKey(key)))
    .map((key) => ({ where: `${inside}._meta`, expected, received: quote(key) }));
}
const keysOf = (meta: JsonObject | undefined): string[] =>
  meta === undefined ? [] : Object.keys(meta).slice(0, MAX_KEYS);

const CLIENT_INFO = 'io.modelcontextprotocol/clientInfo';
const SERVER_INFO = 'io.modelcontextprotocol/serverInfo';
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;

export const META_RULES: readonly Rule<HeardMessage>[] = [
  {
    modern: '2026-07-28/basic/052',
    legacy: since('2025-06-18', '2025-11-25/basic/023'),
    judge: (message) =>
      badKeys(
        message,
        labelsAreGood,
        'labels of letters, digits and hyphens, separated by dots, before the slash',
      ),
  },
  {
    modern: '2026-07-28/basic/055',
    legacy: since('2025-06-18', '2025-11-25/basic/026'),
    judge: (message) => badKeys(message, nameIsGood, 'a name that begins and ends with a letter or a digit'),
  },
  {
    modern: '2026-07-28/basic/054',
    legacy: { '2025-11-25': '2025-11-25/basic/025' },
    judge: (message) =>
      badKeys(message, (key) => !isForeignInOurName(key), 'a prefix that is not reserved for MCP'),
  },
  {
    modern: '2026-07-28/basic/069',
    judge: ({ meta: { traceparent } }) =>
      traceparent === undefined || (typeof traceparent === 'string' && TRACEPARENT.test(traceparent))
        ? undefined
        : { where: '_meta.traceparent', expected: 'the form of W3C Trace Context', received: 'another form' },
  },
  {
    ...CLIENT_REQUEST,
    modern: '2026-07-28/basic/060',
    judge: ({ meta }) =>
      CLIENT_INFO in meta
        ? undefined
        : {
            where: `params._meta["${CLIENT_INFO}"]`,
            expected: 'name and version of the client',
            received: 'nothing',
          },
  },
  {
    ...SERVER_RESULT,
    modern: '2026-07-28/basic/065',
    judge: ({ meta }) =>
      SERVER_INFO in meta
        ? undefined
        : {
            where: `result._meta["${SERVER_INFO}"]`,
            expected: 'name and version of the server',
            received: 'nothing',
          },
  },
  {
    ...SERVER_RESULT,
    modern: '2026-07-28/basic/058',
    judge: ({ request }) =>
      request?.lacksMeta
        ? {
            where: 'result',
            expected: `error ${CODES.invalidParams}, because the request lacks required members of _meta`,
            received: 'a result',
          }
        : undefined,
  },
];
