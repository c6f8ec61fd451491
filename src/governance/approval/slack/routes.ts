/**
 * The operator's files about Slack: which of its users are approvers, and which channel sees the calls of which tenant. A card
 * shows the caller and the arguments, so a channel gets the cards of one tenant only, unless the operator writes a route with `*`.
 */
import { parseJson } from '../../../wire/jsonrpc/json.js';
import { tenantKey } from '../../../wire/principal.js';
import { isRecord, preview } from '../../../wire/value.js';
import { type AcceptedIssuers, readIssuer, readTenant, readText } from '../accounts.js';
import type { Approval, Tenant } from '../approval.js';

/** With a `team` only from that workspace, because an id is unique only within its workspace. */
export type SlackApprover = { issuer: string; user: string; tenant: string; team?: string };
export type SlackApprovers = ReadonlyMap<string, SlackApprover>;

/** Whether the file still names the person who decided, for the tenant of the request. */
export function isSlackApprover(
  approvers: SlackApprovers | undefined,
  { decidedBy, tenant }: Approval,
): boolean {
  const { issuer, user } = decidedBy ?? {};
  return [...(approvers?.values() ?? [])].some(
    (one) => one.issuer === issuer && one.user === user && one.tenant === tenant,
  );
}

export type SlackRoutes = {
  /** Undefined when no channel may see the calls of this tenant. */
  webhookOf(tenant: Tenant): string | undefined;
  /** Every webhook, without duplicates. */
  webhooks: readonly string[];
};

/** A route of the file. Without `webhookFile` it uses the webhook of the settings. */
type RouteText = Tenant & { webhookFile?: string };
type Route = Tenant & { webhook: string };

/** As a tenant, every tenant of the issuer; as an issuer, every issuer. */
const ALL = '*';
const MAX_ROUTES = 10_000;

/** @throws RangeError that names what is wrong in the file, including an account that no accepted token can have */
export function readSlackApprovers(text: string, accepted: AcceptedIssuers): SlackApprovers {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new RangeError(`expected JSON: ${error instanceof Error ? error.message : ''}`);
  }
  if (!isRecord(value))
    throw new RangeError(
      `expected {"SLACK_USER_ID": {"issuer", "user", "tenant"}}, received ${preview(value)}`,
    );
  return new Map(
    Object.entries(value).map(([id, entry]) => {
      if (!/^[A-Z0-9]{2,30}$/.test(id))
        throw new RangeError(`expected the id of a Slack user such as U2CERLKJA, received ${preview(id)}`);
      const members = isRecord(entry) ? entry : {};
      const issuer = readIssuer(id, members, accepted);
      const user = readText(id, 'user', members.user);
      const tenant = readTenant(id, members, issuer, accepted);
      const team = members.team === undefined ? {} : { team: readText(id, 'team', members.team) };
      return [id, { issuer, user, tenant, ...team }];
    }),
  );
}

/**
 * Routes the one webhook to the tenant of all approvers.
 *
 * @throws RangeError when there are no approvers, or they belong to several tenants, which would see each other's calls
 */
export function routeOfApprovers(webhook: string, approvers: SlackApprovers): SlackRoutes {
  const tenants = new Map([...approvers.values()].map((approver) => [tenantKey(approver), approver]));
  const [first, second] = tenants.values();
  if (first === undefined)
    throw new RangeError(
      'names no approver, so it does not say whose calls the one webhook may show; name them, or write --slack-routes',
    );
  if (second !== undefined)
    throw new RangeError(
      `names approvers of ${tenants.size} tenants (${nameOf(first)}; ${nameOf(second)}), and the one webhook would show each the calls of the others; name a webhook for each in --slack-routes, or write a route with "*" there`,
    );
  return createRoutes([{ ...first, webhook }]);
}

/**
 * `{"routes": [{"issuer", "tenant", "webhookFile"?}]}`; `*` is every tenant that has no route of its own, or every issuer.
 *
 * @throws RangeError that names the route and what is wrong with it
 */
export function readRoutes(text: string, accepted: AcceptedIssuers): RouteText[] {
  const value: unknown = parseJson(text);
  const routes = isRecord(value) ? value.routes : undefined;
  if (!Array.isArray(routes) || routes.length === 0 || routes.length > MAX_ROUTES)
    throw new RangeError(
      `expected {"routes": [{"issuer", "tenant", "webhookFile"}]} with 1 to ${MAX_ROUTES} routes, received ${preview(routes ?? value)}`,
    );
  return routes.map((entry: unknown, at) => {
    const where = `route ${at + 1}`;
    const members = isRecord(entry) ? entry : {};
    const { webhookFile } = members;
    const issuer = members.issuer === ALL ? ALL : readIssuer(where, members, accepted);
    const tenant = members.tenant === ALL ? ALL : readTenant(where, members, issuer, accepted);
    if (issuer === ALL && tenant !== ALL)
      throw new RangeError(
        `${where}: "tenant": expected "*" beside "*", because each issuer has its own tenants`,
      );
    if (webhookFile === undefined) return { issuer, tenant };
    return { issuer, tenant, webhookFile: readText(where, 'webhookFile', webhookFile) };
  });
}

/** @throws RangeError when two tenants would share a channel without a route with `*` */
export function createRoutes(routes: readonly Route[]): SlackRoutes {
  const webhooks = new Map<string, string>();
  for (const route of routes) {
    const other = routes.find(
      (candidate) =>
        channelOf(candidate.webhook) === channelOf(route.webhook) &&
        tenantKey(candidate) !== tenantKey(route) &&
        !covers(candidate, route) &&
        !covers(route, candidate),
    );
    if (other !== undefined)
      throw new RangeError(
        `${nameOf(other)} and ${nameOf(route)} have the same webhook, and would see each other's calls; write a route with "*" if they may`,
      );
    const key = tenantKey(route);
    if (webhooks.has(key)) throw new RangeError(`${nameOf(route)} has two routes`);
    webhooks.set(key, route.webhook);
  }
  return {
    webhookOf: ({ issuer, tenant }) =>
      webhooks.get(tenantKey({ issuer, tenant })) ??
      webhooks.get(tenantKey({ issuer, tenant: ALL })) ??
      webhooks.get(tenantKey({ issuer: ALL, tenant: ALL })),
    webhooks: [...new Set(webhooks.values())],
  };
}

/** The route of all tenants of an issuer does not cover those of another issuer. */
function covers({ issuer, tenant }: Tenant, other: Tenant): boolean {
  return tenant === ALL && (issuer === ALL || issuer === other.issuer);
}

/** The channel of a webhook, however its URL is written. */
function channelOf(webhook: string): string {
  const { host, pathname } = new URL(webhook);
  return [host, ...pathname.split('/').filter((part) => part !== '')].join('/');
}

function nameOf({ issuer, tenant }: Tenant): string {
  return `${preview(tenant)} of ${issuer}`;
}
