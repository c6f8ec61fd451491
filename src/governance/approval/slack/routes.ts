/**
 * Which Slack channel sees the calls of which tenant. A card shows the caller and the arguments, so a channel gets the cards of
 * one tenant only, unless the operator writes a route with `*`.
 */

import { parseJson } from '../../../wire/jsonrpc/json.js';
import { tenantKey } from '../../../wire/principal.js';
import { isRecord, preview } from '../../../wire/value.js';
import { type Accepted, readIssuer, readTenant, readText } from '../web/accounts.js';
import type { SlackApprovers } from './interaction.js';

type Tenant = { issuer: string; tenant: string };

export type SlackRoutes = {
  /** Undefined when no channel may see the calls of this tenant. */
  webhookOf(tenant: Tenant): string | undefined;
  /** Every webhook, without duplicates. */
  webhooks: readonly string[];
};

/** A route of the file. Without `webhookFile` it uses the webhook of the settings. */
export type RouteText = Tenant & { webhookFile?: string };

/** Stands for every tenant of an issuer, and for every issuer. */
const ALL = '*';
const MAX_ROUTES = 10_000;

/**
 * Routes the one webhook to the tenant of all approvers.
 *
 * @throws RangeError when there are no approvers, or they belong to several tenants, which would see each other's calls
 */
export function routeOfApprovers(webhook: string, approvers: SlackApprovers): SlackRoutes {
  const tenants = new Map([...approvers.values()].map((one) => [tenantKey(one), one]));
  const [first, second] = tenants.values();
  if (first === undefined)
    throw new RangeError(
      'names no approver, so it does not say whose calls the one webhook may show; name them, or write --slack-routes',
    );
  if (second !== undefined)
    throw new RangeError(
      `names approvers of ${tenants.size} tenants (${shown(first)}; ${shown(second)}), and the one webhook would show each the calls of the others; name a webhook for each in --slack-routes, or write a route with "*" there`,
    );
  return createRoutes([{ ...first, webhook }]);
}

/**
 * `{"routes": [{"issuer", "tenant", "webhookFile"?}]}`; `*` stands for every tenant that has no route of its own, or for every issuer.
 *
 * @throws RangeError that names the route and what is wrong with it
 */
export function readRoutes(text: string, accepted: Accepted): RouteText[] {
  const value: unknown = parseJson(text);
  const routes = isRecord(value) ? value.routes : undefined;
  if (!Array.isArray(routes) || routes.length === 0 || routes.length > MAX_ROUTES)
    throw new RangeError(
      `expected {"routes": [{"issuer", "tenant", "webhookFile"}]} with 1 to ${MAX_ROUTES} routes, received ${preview(routes ?? value)}`,
    );
  return routes.map((one: unknown, at) => {
    const where = `route ${at + 1}`;
    const given = isRecord(one) ? one : {};
    const { webhookFile } = given;
    const issuer = given.issuer === ALL ? ALL : readIssuer(where, given, accepted);
    const tenant = given.tenant === ALL ? ALL : readTenant(where, given, issuer, accepted);
    if (issuer === ALL && tenant !== ALL)
      throw new RangeError(
        `${where}: "tenant": expected "*" beside "*", for each issuer has tenants of its own`,
      );
    const file =
      webhookFile === undefined ? {} : { webhookFile: readText(where, 'webhookFile', webhookFile) };
    return { issuer, tenant, ...file };
  });
}

/** @throws RangeError when two tenants would share a channel without a route with `*` */
export function createRoutes(routes: readonly (Tenant & { webhook: string })[]): SlackRoutes {
  const leads = new Map<string, Tenant & { webhook: string }>();
  for (const route of routes) {
    const other = routes.find(
      (one) =>
        channelOf(one.webhook) === channelOf(route.webhook) &&
        tenantKey(one) !== tenantKey(route) &&
        !covers(one, route) &&
        !covers(route, one),
    );
    if (other !== undefined)
      throw new RangeError(
        `${shown(other)} and ${shown(route)} have the same webhook, and would see each other's calls; write a route with "*" if they may`,
      );
    if (leads.has(tenantKey(route))) throw new RangeError(`${shown(route)} has two routes`);
    leads.set(tenantKey(route), route);
  }
  const webhookOf = ({ issuer, tenant }: Tenant): string | undefined =>
    (
      leads.get(tenantKey({ issuer, tenant })) ??
      leads.get(tenantKey({ issuer, tenant: ALL })) ??
      leads.get(tenantKey({ issuer: ALL, tenant: ALL }))
    )?.webhook;
  return { webhookOf, webhooks: [...new Set(routes.map(({ webhook }) => webhook))] };
}

/** The route of all tenants of an issuer says nothing of those of another issuer. */
function covers({ issuer, tenant }: Tenant, other: Tenant): boolean {
  return tenant === ALL && (issuer === ALL || issuer === other.issuer);
}

/** However its URL is written, a webhook leads to one channel. */
function channelOf(webhook: string): string {
  const { host, pathname } = new URL(webhook);
  return [host, ...pathname.split('/').filter((part) => part !== '')].join('/');
}

function shown({ issuer, tenant }: Tenant): string {
  return `${preview(tenant)} of ${issuer}`;
}
