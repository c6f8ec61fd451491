/** Makes a server from its options: the catalogs, the ports and the settings that the methods read. */
import { now } from '../clock.js';
import type { Request } from '../jsonrpc/message.js';
import { AnswerSizes } from '../mcp/answer-room.js';
import { createCatalog } from '../mcp/catalog.js';
import { Changes } from '../mcp/changes.js';
import type { McpServer } from '../mcp/mcp-server.js';
import { createPrompts } from '../mcp/prompts.js';
import { createResources } from '../mcp/resources.js';
import { shorten } from '../value.js';
import { BOUNDS } from './bounds.js';
import type { OnError, ServerOptions } from './options.js';
import { createSealer, readSealingKeys } from './sealer.js';

/** @throws SchemaRefused when a tool cannot be served. */
export function createServer(options: ServerOptions): McpServer {
  const { name, title, version, description, instructions, tools, prompts = [] } = options;
  const { resources = [], resourceTemplates = [] } = options;
  const { pageSize, listTtlMs, toolDeadlineMs } = { ...BOUNDS, ...options.bounds };
  const onError = guarded(options.onError ?? ((error, about) => console.error(`${about}:`, error)));
  return {
    info: {
      name,
      version,
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { description }),
    },
    ...(instructions === undefined ? {} : { instructions }),
    catalog: createCatalog(tools),
    policy: options.policy,
    approvals: options.approvals,
    audit: options.audit,
    prompts: prompts.length === 0 ? undefined : createPrompts(prompts),
    resources:
      resources.length + resourceTemplates.length === 0
        ? undefined
        : createResources(resources, resourceTemplates),
    logging: options.logging === true,
    tasks: options.tasks,
    changes: options.changes ?? new Changes(),
    sealer: options.sealer ?? createSealer(readSealingKeys([]), now),
    settings: { pageSize, listTtlMs, toolDeadlineMs, strictArguments: options.strictArguments === true },
    answerSizes: new AnswerSizes(),
    onError: (error, request) => onError(error, aboutOf(request)),
  };
}

/** For the log: the method, the tool or whatever else was asked for, and the id. */
function aboutOf({ method, id, params: { name, uri } }: Request): string {
  const target = typeof name === 'string' ? name : uri;
  const named = typeof target === 'string' ? ` ${shorten(JSON.stringify(target), 140)}` : '';
  return `${method}${named} (id ${JSON.stringify(id)})`;
}

/** A log that throws must not break an answer. */
export function guarded(onError: OnError): OnError {
  return (error, about) => {
    try {
      onError(error, about);
    } catch (failure) {
      console.error('onError failed:', failure, 'about', about, error);
    }
  };
}
