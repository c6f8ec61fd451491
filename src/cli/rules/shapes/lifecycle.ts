/** The handshake, discovery, and the `_meta` of modern messages. */
import {
  anything,
  bool,
  cite,
  dictionary,
  fields,
  from,
  id,
  integer,
  list,
  number,
  oneOf,
  record,
  type Shape,
  text,
} from '../shape.js';
import { icons, title } from './content.js';

export const implementation = fields({
  name: text,
  version: text,
  'title?': title,
  'websiteUrl?': from('2025-11-25', text),
  'icons?': icons,
});
const flag = { 'listChanged?': bool };
const serverCapabilities = fields({
  'tools?': fields(flag),
  'prompts?': fields(flag),
  'resources?': fields({ ...flag, 'subscribe?': bool }),
  'logging?': record,
  'completions?': record,
  'experimental?': dictionary(record),
  'extensions?': from('2026-07-28', dictionary(record)),
});
const modes = from('2025-11-25', fields({ 'form?': record, 'url?': record }), record);
const clientCapabilities = fields({
  'roots?': fields(flag),
  'sampling?': record,
  'elicitation?': from('2025-06-18', modes),
  'experimental?': dictionary(record),
  'extensions?': from('2026-07-28', dictionary(record)),
});

const OPENING = { legacy: '2025-11-25/lifecycle/002' } as const;
export const initializeParams = cite(
  OPENING,
  fields({ protocolVersion: text, capabilities: clientCapabilities, clientInfo: implementation }),
);
const OPENED = { legacy: '2025-11-25/lifecycle/003' } as const;
export const initializeResult = cite(
  OPENED,
  fields({
    protocolVersion: text,
    capabilities: serverCapabilities,
    serverInfo: implementation,
    'instructions?': text,
  }),
);
const DISCOVERED = { modern: '2026-07-28/discover/002' } as const;
export const discoverResult = cite(
  DISCOVERED,
  fields({ supportedVersions: list(text), capabilities: serverCapabilities, 'instructions?': text }),
);

const CAPABILITIES = { modern: '2026-07-28/basic/057' } as const;
const VERSION = { modern: '2026-07-28/basic/056' } as const;
const TOKEN = { modern: '2026-07-28/progress/002', legacy: '2025-11-25/progress/001' } as const;
export const token = cite(TOKEN, id);
export const levels = oneOf('debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency');
/** The `_meta` of a request. */
export const requestMeta = from(
  '2026-07-28',
  fields({
    'io.modelcontextprotocol/protocolVersion': cite(VERSION, text),
    'io.modelcontextprotocol/clientCapabilities': cite(CAPABILITIES, clientCapabilities),
    'io.modelcontextprotocol/clientInfo?': implementation,
    'io.modelcontextprotocol/logLevel?': levels,
    'progressToken?': token,
  }),
  fields({ 'progressToken?': token }),
);
export const resultMeta = from(
  '2026-07-28',
  fields({ 'io.modelcontextprotocol/serverInfo?': implementation }),
  record,
);

export const progressParams = fields({
  progressToken: token,
  progress: number,
  'total?': number,
  'message?': from('2025-03-26', text),
});
export const logParams = fields({ level: levels, data: anything, 'logger?': text });
export const filter = fields({
  'toolsListChanged?': bool,
  'promptsListChanged?': bool,
  'resourcesListChanged?': bool,
  'resourceSubscriptions?': list(text),
});
const VALUES = { modern: '2026-07-28/completion/002', legacy: '2025-11-25/completion/002' } as const;
const values: Shape = (value, where, notes, citation) => {
  list(text)(value, where, notes, citation);
  if (Array.isArray(value) && value.length > 100)
    notes.problems.push({
      where,
      expected: 'at most 100 values',
      received: `${value.length}`,
      citation: VALUES,
    });
};
export const completeResult = fields({ completion: fields({ values, 'total?': integer, 'hasMore?': bool }) });
