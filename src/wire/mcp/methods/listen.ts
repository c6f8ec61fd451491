/**
 * `subscriptions/listen`: a request whose answer comes last, after every change that its client asked to be told of.
 * Modern only. Nothing is sent that was not asked for, and nothing before the acknowledgment.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions
 */
import { Fault } from '../../fault.js';
import { isRecord, preview } from '../../value.js';
import { requireScope } from '../authority.js';
import { missingCapabilities } from '../capabilities.js';
import { type Change, changeNotification } from '../changes.js';
import { WatchedUris } from '../connection.js';
import type { McpServer, Method } from '../mcp-server.js';
import { SUBSCRIPTION_ID, TASKS_EXTENSION } from '../meta.js';
import { readerOf, unreadable } from '../reading.js';
import type { RequestContext } from '../request-context.js';
import { isThenable } from '../run-handler.js';

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
  async handle({ params, id }, exchange, server) {
    if (exchange.transport.notify === undefined) {
      throw new Fault(
        'notAcceptable',
        'subscriptions/listen is answered as text/event-stream; accept that type',
      );
    }
    const asked = readFilter(params.notifications, exchange);
    const found = ownTasks(asked.taskIds ?? [], exchange, server);
    const filter = honoured(asked, isThenable(found) ? await found : found, exchange, server);
    const _meta = { [SUBSCRIPTION_ID]: id };
    exchange.notify('notifications/subscriptions/acknowledged', { _meta, notifications: filter });
    const watched = new WatchedUris(filter.resourceSubscriptions);
    const forget = server.changes.listen((change) => {
      const told = wanted(change, filter, watched);
      if (told === undefined) return;
      // A task may be bound to more scopes than at its subscription. tasks/get then tells the reader why.
      if (told.kind === 'task' && unreadable(told.bound, exchange.caller.principal.scopes, server)) return;
      const { method, params: changed } = changeNotification(told);
      exchange.notify(method, { ...changed, _meta });
    });
    const unfollow = server.tasks?.follow(filter.taskIds ?? []);
    const stopped = await exchange.untilStopped();
    unfollow?.();
    forget();
    if (stopped.why === 'cancelled') throw stopped;
    return { _meta };
  },
};

function readFilter(given: unknown, exchange: RequestContext): Filter {
  if (!isRecord(given))
    throw new Fault('invalidParams', `params.notifications must be an object, received ${preview(given)}`);
  const filter: Filter = {};
  for (const name of ['toolsListChanged', 'promptsListChanged', 'resourcesListChanged'] as const) {
    const value = given[name];
    if (value !== undefined && typeof value !== 'boolean') {
      throw new Fault(
        'invalidParams',
        `params.notifications/${name} must be true or false, received ${preview(value)}`,
      );
    }
    if (value === true) filter[name] = true;
  }
  for (const name of ['resourceSubscriptions', 'taskIds'] as const) {
    const value = given[name];
    if (value === undefined) continue;
    if (!Array.isArray(value) || value.length > MAX_NAMED || !value.every((one) => typeof one === 'string')) {
      throw new Fault('invalidParams', `params.notifications/${name} must be at most ${MAX_NAMED} strings`);
    }
    filter[name] = value;
  }
  if (filter.taskIds !== undefined) requireTasks(exchange);
  return filter;
}

/** The extension has to be declared by whoever uses it (SEP-2663, capability negotiation). */
export function requireTasks({ caller }: RequestContext): void {
  const requiredCapabilities = missingCapabilities(
    { extensions: { [TASKS_EXTENSION]: {} } },
    caller.capabilities ?? {},
  );
  if (requiredCapabilities === undefined) return;
  throw new Fault('missingCapability', `declare the extension ${TASKS_EXTENSION}`, {
    data: { requiredCapabilities },
  });
}

// The acknowledgment names what will really be told (2026-07-28/subscriptions/005).
function honoured(asked: Filter, taskIds: string[], exchange: RequestContext, server: McpServer): Filter {
  const { prompts, resources, policy } = server;
  const { toolsListChanged, promptsListChanged, resourcesListChanged, resourceSubscriptions = [] } = asked;
  const uris = resourceSubscriptions.filter((uri) => {
    const found = resources?.find(uri);
    if (found !== undefined) requireScope(found.scope, exchange, policy);
    return found !== undefined;
  });
  return {
    ...(toolsListChanged === true ? { toolsListChanged } : {}),
    ...(promptsListChanged === true && prompts !== undefined ? { promptsListChanged } : {}),
    ...(resourcesListChanged === true && resources !== undefined ? { resourcesListChanged } : {}),
    ...(uris.length > 0 ? { resourceSubscriptions: uris } : {}),
    ...(taskIds.length > 0 ? { taskIds } : {}),
  };
}

/** The caller's own tasks among these, if the token may read them. Synchronous unless other replicas have to be asked. */
function ownTasks(
  taskIds: readonly string[],
  exchange: RequestContext,
  server: McpServer,
): string[] | Promise<string[]> {
  const reader = readerOf(exchange, server);
  const found = taskIds.map((taskId) => server.tasks?.has(reader, taskId) ?? false);
  const own = (has: readonly boolean[]): string[] => taskIds.filter((_, at) => has[at] === true);
  return found.some(isThenable) ? Promise.all(found).then(own) : own(found.map((has) => has === true));
}

/** The change in this client's own words, if it asked for it. */
function wanted(change: Change, filter: Filter, watched: WatchedUris): Change | undefined {
  switch (change.kind) {
    case 'tools':
      return filter.toolsListChanged && change;
    case 'prompts':
      return filter.promptsListChanged && change;
    case 'resources':
      return filter.resourcesListChanged && change;
    case 'resource':
      return watched.told(change);
    case 'task':
      return filter.taskIds?.includes(change.taskId) === true ? change : undefined;
  }
}
