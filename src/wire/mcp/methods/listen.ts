/**
 * `subscriptions/listen`: a request whose answer comes last, after every change that its client asked for.
 * Modern only. Nothing is sent that was not asked for, and nothing before the acknowledgment.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions
 */

import { Fault, invalidParams, mustBe } from '../../fault.js';
import { principalKey } from '../../principal.js';
import { isRecord, kindOf } from '../../value.js';
import { checkScope, readerOf, unreadable } from '../authority.js';
import { type Change, changeNotification, WatchedUris } from '../connection.js';
import type { Call, Method } from '../mcp-server.js';
import { SUBSCRIPTION_ID, TASKS_EXTENSION } from '../meta.js';
import type { RequestContext, Stopped } from '../request-context.js';
import type { TaskStore } from '../task-store.js';
import { missingCapabilities } from './lifecycle.js';

type Filter = {
  toolsListChanged?: true;
  promptsListChanged?: true;
  resourcesListChanged?: true;
  resourceSubscriptions?: string[];
  taskIds?: string[];
};

/** URIs and task ids in one filter, each. */
const MAX_NAMED = 1_000;

export const listen: Method = {
  name: 'subscriptions/listen',
  eras: ['modern'],
  async run(call) {
    const { request, context, server } = call;
    const { params, id } = request;
    if (context.transport.notify === undefined) {
      return new Fault(
        'notAcceptable',
        'subscriptions/listen is answered as text/event-stream; accept that type',
      );
    }
    const asked = readFilter(params.notifications, context);
    if (asked instanceof Fault) return asked;
    const taskIds = await ownTasks(asked.taskIds ?? [], call);
    if (taskIds instanceof Fault) return taskIds;
    const filter = filterFor(asked, taskIds, call);
    if (filter instanceof Fault) return filter;
    const _meta = { [SUBSCRIPTION_ID]: id };
    context.notify('notifications/subscriptions/acknowledged', { _meta, notifications: filter });
    const watched = new WatchedUris(filter.resourceSubscriptions);
    const forget = server.changes.listen((change) => {
      const seen = changeFor(change, filter, watched);
      if (seen === undefined) return;
      // A task may be bound to more scopes than at its subscription. tasks/get then tells the reader why.
      if (seen.kind === 'task' && unreadable(seen.bound, context.caller.principal.scopes, server)) return;
      const { method, params: changed } = changeNotification(seen);
      context.notify(method, { ...changed, _meta });
    });
    let unfollow: (() => void) | undefined;
    let stopped: Stopped;
    try {
      unfollow = server.tasks?.follow(filter.taskIds ?? []);
      stopped = await context.untilStopped();
    } finally {
      forget();
      unfollow?.();
    }
    if (stopped.why === 'cancelled') throw stopped;
    return { _meta };
  },
};

function readFilter(given: unknown, context: RequestContext): Filter | Fault {
  if (!isRecord(given)) return mustBe('params.notifications', 'an object', given);
  const filter: Filter = {};
  for (const name of ['toolsListChanged', 'promptsListChanged', 'resourcesListChanged'] as const) {
    const value = given[name];
    if (value !== undefined && typeof value !== 'boolean') {
      return mustBe(`params.notifications/${name}`, 'true or false', value);
    }
    if (value === true) filter[name] = true;
  }
  for (const name of ['resourceSubscriptions', 'taskIds'] as const) {
    const value = given[name];
    if (value === undefined) continue;
    if (!Array.isArray(value) || value.length > MAX_NAMED || !value.every((one) => typeof one === 'string')) {
      return invalidParams(`params.notifications/${name} must be at most ${MAX_NAMED} strings`);
    }
    filter[name] = value;
  }
  return (filter.taskIds && checkTasksDeclared(context)) ?? filter;
}

/** A client has to declare the extension that it uses (SEP-2663, capability negotiation). */
function checkTasksDeclared({ caller }: RequestContext): Fault | undefined {
  const requiredCapabilities = missingCapabilities(
    { extensions: { [TASKS_EXTENSION]: {} } },
    caller.capabilities ?? {},
  );
  if (requiredCapabilities === undefined) return undefined;
  return new Fault('missingCapability', `declare the extension ${TASKS_EXTENSION}`, {
    data: { requiredCapabilities },
  });
}

// The acknowledgment names the changes that the server will really send (2026-07-28/subscriptions/005).
function filterFor(requestedFilter: Filter, taskIds: string[], call: Call): Filter | Fault {
  const { prompts, resources } = call.server;
  const {
    toolsListChanged,
    promptsListChanged,
    resourcesListChanged,
    resourceSubscriptions = [],
  } = requestedFilter;
  const uris: string[] = [];
  for (const uri of resourceSubscriptions) {
    const resource = resources?.find(uri);
    if (resource === undefined) continue;
    const refused = checkScope(resource.scope, call);
    if (refused !== undefined) return refused;
    uris.push(uri);
  }
  return {
    ...(toolsListChanged === true ? { toolsListChanged } : {}),
    ...(promptsListChanged === true && prompts !== undefined ? { promptsListChanged } : {}),
    ...(resourcesListChanged === true && resources !== undefined ? { resourcesListChanged } : {}),
    // Of several spellings of one address, the one that its notifications name.
    ...(uris.length > 0 ? { resourceSubscriptions: [...new WatchedUris(uris)] } : {}),
    ...(taskIds.length > 0 ? { taskIds } : {}),
  };
}

/** The caller's own tasks among these, or the refusal when its token may not read one of them. */
async function ownTasks(taskIds: readonly string[], call: Call): Promise<string[] | Fault> {
  const reader = readerOf(call);
  const has = await Promise.all(taskIds.map((taskId) => call.server.tasks?.has(reader, taskId)));
  const refused = has.find((one) => one instanceof Fault);
  return refused ?? [...new Set(taskIds.filter((_, at) => has[at] === true))];
}

/** The change in this client's own words, if it asked for it. */
function changeFor(change: Change, filter: Filter, watched: WatchedUris): Change | undefined {
  if (change.kind === 'resource') return watched.changeFor(change);
  if (change.kind === 'task') return filter.taskIds?.includes(change.taskId) ? change : undefined;
  return filter[`${change.kind}ListChanged`] && change;
}

/** A method on the caller's tasks: only where the server keeps tasks, and for clients that know them. */
function taskMethod(name: string, run: (tasks: TaskStore, call: Call) => ReturnType<Method['run']>): Method {
  return {
    name,
    eras: ['modern'],
    run: (call) => {
      const { tasks } = call.server;
      return tasks && (checkTasksDeclared(call.context) ?? run(tasks, call));
    },
  };
}

export const tasksGet = taskMethod('tasks/get', (tasks, call) =>
  tasks.get(readerOf(call), call.request.params.taskId),
);

export const tasksUpdate = taskMethod('tasks/update', async (tasks, call) => {
  const { taskId, inputResponses } = call.request.params;
  if (!isRecord(inputResponses))
    return invalidParams(`params.inputResponses must be an object, received ${kindOf(inputResponses)}`);
  return (await tasks.update(readerOf(call), taskId, inputResponses)) ?? {};
});

export const tasksCancel = taskMethod('tasks/cancel', async (tasks, { context, request }) => {
  const principal = principalKey(context.caller.principal);
  return (await tasks.cancel(principal, request.params.taskId)) ?? {};
});
