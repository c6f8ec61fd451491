/** What an endpoint's options make of the protocol's side: the catalogs, the policy, and what a server keeps. */
import { randomUUID } from 'node:crypto';
import type { Replicas } from '../../cluster/join-replicas.js';
import { SharedTasks } from '../../cluster/tasks/shared-tasks.js';
import { MAX_TASKS, type TaskOptions } from '../../cluster/tasks/task-options.js';
import { Tasks } from '../../cluster/tasks/tasks.js';
import { createJournal } from '../../governance/audit/recorder.js';
import { createPolicy } from '../../governance/policy/policy.js';
import { deriveKeys } from '../../oauth/derived-keys.js';
import { createSealer } from '../../oauth/sealer.js';
import { checkRegistrable } from '../../services/registry/manifest/registrable.js';
import { afterUnlessDone, now } from '../clock.js';
import { Fault } from '../fault.js';
import { errorResponse, type Request } from '../jsonrpc/message.js';
import { AnswerSizes } from '../mcp/answer-sizes.js';
import { createCatalog } from '../mcp/catalog.js';
import { Changes } from '../mcp/changes.js';
import type { Sealer } from '../mcp/input-rounds.js';
import type { McpServer } from '../mcp/mcp-server.js';
import { createPrompts } from '../mcp/prompts.js';
import { createResources } from '../mcp/resources.js';
import type { TaskStore } from '../mcp/task-store.js';
import type { Tool } from '../mcp/tool.js';
import { SchemaRefused } from '../schema/compile.js';
import { problemText } from '../schema/problem.js';
import { preview, shorten } from '../value.js';
import type { Bounds, EndpointOptions } from './options.js';

export type OnError = (error: unknown, about: string) => void;

/** @throws SchemaRefused when a tool cannot be served. */
export function createServer(
  options: EndpointOptions,
  secrets: readonly Uint8Array[],
  bounds: Bounds,
  onError: OnError,
  replicas?: Replicas,
): McpServer {
  const { name, title, version, description, instructions, tools, prompts = [] } = options;
  const { resources = [], resourceTemplates = [] } = options;
  const { pageSize, listTtlMs, toolDeadlineMs } = bounds;
  for (const tool of tools) register(tool, options.readOnly !== true);
  const changes = options.changes ?? new Changes();
  const recording = { newId: randomUUID, clock: now, after: afterUnlessDone };
  return {
    info: {
      name,
      version,
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { description }),
    },
    ...(instructions === undefined ? {} : { instructions }),
    catalog: createCatalog(tools),
    policy: options.policy ?? (options.auth && createPolicy({ name, clock: now })),
    approvals: options.approving,
    audit: options.audit && createJournal({ ...options.audit, ...recording, server: name, onError }),
    prompts: prompts.length === 0 ? undefined : createPrompts(prompts),
    resources:
      resources.length + resourceTemplates.length === 0
        ? undefined
        : createResources(resources, resourceTemplates),
    logging: options.logging === true,
    tasks: options.tasks === true ? createTasks(changes, onError, bounds, replicas, options) : undefined,
    changes,
    sealer: requestStateSealer(secrets, options.url ?? name),
    settings: { pageSize, listTtlMs, toolDeadlineMs, strictArguments: options.strictArguments === true },
    answerSizes: new AnswerSizes(),
    onError: (error, request) => onError(error, aboutOf(request)),
  };
}

/** A resource does not open what another one sealed, even with the same secrets. */
export function requestStateSealer(secrets: readonly Uint8Array[], resource: string): Sealer {
  return createSealer(deriveKeys(secrets, 'request-state', resource), now);
}

/** For the log: the method, the tool or whatever else was asked for, and the id. */
function aboutOf({ method, id, params: { name, uri } }: Request): string {
  const target = typeof name === 'string' ? name : uri;
  const named = typeof target === 'string' ? ` ${shorten(JSON.stringify(target), 140)}` : '';
  return `${method}${named} (id ${JSON.stringify(id)})`;
}

/** A tool without scope or description cannot be decided about, and none that changes something stands among readers. */
function register(tool: Tool, destructiveAllowed: boolean): void {
  const problem = checkRegistrable(tool, destructiveAllowed);
  if (problem !== undefined) throw new SchemaRefused(`tool ${preview(tool.name)}: ${problemText(problem)}`);
}

function createTasks(
  changes: Changes,
  onError: OnError,
  { inFlightBytes }: Bounds,
  replicas: Replicas | undefined,
  { auth, tasksPerPrincipal }: EndpointOptions,
): TaskStore {
  const options: TaskOptions = {
    // Without tokens all callers are the same one.
    perPrincipal: auth === undefined ? MAX_TASKS : tasksPerPrincipal,
    after: afterUnlessDone,
    clock: now,
    newId: randomUUID,
    changes,
    maxKept: inFlightBytes,
    errorOf(error) {
      if (error instanceof Fault) return errorResponse(undefined, error).error;
      onError(error, 'a task');
      const { code, message } = new Fault(
        'internalError',
        "the task failed; the reason is in the server's log",
      );
      return { code, message };
    },
  };
  return replicas === undefined
    ? new Tasks(options)
    : new SharedTasks(options, replicas.mail, replicas.leases);
}
