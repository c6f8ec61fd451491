/**
 * `subscriptions/listen`, modern only: the acknowledgment comes first, then the changes that the client asked for and no others, and the
 * answer last. Also the methods on tasks.
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

/** How many URIs, and how many task ids, one filter may have. */
const MAX_FILTER_ITEMS = 1_000;

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
    const requestedFilter = readFilter(params.notifications, context);
    if (requestedFilter instanceof Fault) return requestedFilter;
    const taskIds = await ownTasks(requestedFilter.taskIds ?? [], call);
    if (taskIds instanceof Fault) return taskIds;
    const filter = filterFor(requestedFilter, taskIds, call);
    if (filter instanceof Fault) return filter;
    const _meta = { [SUBSCRIPTION_ID]: id };
    context.notify('notifications/subscriptions/acknowledged', { _meta, notifications: filter });
    const watched = new WatchedUris(filter.resourceSubscriptions);
    const unlisten = server.changes.listen((change) => {
      const wantedChange = changeFor(change, filter, watched);
      if (wantedChange === undefined) return;
      const { scopes } = context.caller.principal;
      // A task may need more scopes by now than when the client subscribed. tasks/get then tells the reader why.
      if (wantedChange.kind === 'task' && unreadable(wantedChange.bound, scopes, server)) return;
      const notification = changeNotification(wantedChange);
      context.notify(notification.method, { ...notification.params, _meta });
    });
    let unfollow: (() => void) | undefined;
    let stopped: Stopped;
    try {
      unfollow = server.tasks?.follow(filter.taskIds ?? []);
      stopped = await context.untilStopped();
    } finally {
      unlisten();
      unfollow?.();
    }
    if (stopped.why === 'cancelled') throw stopped;
    return { _meta };
  },
};

function readFilter(notifications: unknown, context: RequestContext): Filter | Fault {
  if (!isRecord(notifications)) return mustBe('params.notifications', 'an object', notifications);
  const filter: Filter = {};
  for (const name of ['toolsListChanged', 'promptsListChanged', 'resourcesListChanged'] as const) {
    const value = notifications[name];
    if (value !== undefined && typeof value !== 'boolean') {
      return mustBe(`params.notifications/${name}`, 'true or false', value);
    }
    if (value === true) filter[name] = true;
  }
  for (const name of ['resourceSubscriptions', 'taskIds'] as const) {
    const value = notifications[name];
    if (value === undefined) continue;
    if (
      !Array.isArray(value) ||
      value.length > MAX_FILTER_ITEMS ||
      !value.every((one) => typeof one === 'string')
    ) {
      return invalidParams(`params.notifications/${name} must be at most ${MAX_FILTER_ITEMS} strings`);
    }
    filter[name] = value;
  }
  return (filter.taskIds && checkTasksDeclared(context)) ?? filter;
}

/** A client must declare the extension that it uses (SEP-2663, capability negotiation). */
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

// The acknowledgment names only the changes that the server will send (2026-07-28/subscriptions/005).
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
    const refusal = checkScope(resource.scope, call);
    if (refusal !== undefined) return refusal;
    uris.push(uri);
  }
  return {
    ...(toolsListChanged === true ? { toolsListChanged } : {}),
    ...(promptsListChanged === true && prompts !== undefined ? { promptsListChanged } : {}),
    ...(resourcesListChanged === true && resources !== undefined ? { resourcesListChanged } : {}),
    // Of several spellings of a URI, only the one that the notifications will use.
    ...(uris.length > 0 ? { resourceSubscriptions: [...new WatchedUris(uris)] } : {}),
    ...(taskIds.length > 0 ? { taskIds } : {}),
  };
}

/** The caller's own tasks among these, or the refusal if its token may not read one of them. */
async function ownTasks(taskIds: readonly string[], call: Call): Promise<string[] | Fault> {
  const reader = readerOf(call);
  const has = await Promise.all(taskIds.map((taskId) => call.server.tasks?.has(reader, taskId)));
  const refusal = has.find((one) => one instanceof Fault);
  return refusal ?? [...new Set(taskIds.filter((_, at) => has[at] === true))];
}

/** The change with the client's spelling of the URI; undefined if the client did not ask for it. */
function changeFor(change: Change, filter: Filter, watched: WatchedUris): Change | undefined {
  if (change.kind === 'resource') return watched.changeFor(change);
  if (change.kind === 'task') return filter.taskIds?.includes(change.taskId) ? change : undefined;
  return filter[`${change.kind}ListChanged`] && change;
}

/** A method on the caller's tasks; only on a server with tasks, and for clients that declare the extension. */
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
