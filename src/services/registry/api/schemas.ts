/** The bodies of the API as JSON Schema 2020-12, by the names that the OpenAPI document refers to. */
import type { JsonObject } from '../../../wire/value.js';

export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const list = (items: JsonObject) => ({ type: 'array', items });
const text = { type: 'string' };
const flag = { type: 'boolean' };
const count = { type: 'integer', minimum: 0 };
const time = { type: 'string', format: 'date-time' };
const any = { type: 'object' };

/** Closed, so that a test finds a member of a response that this document does not have. */
function object(properties: JsonObject, optional: JsonObject = {}): JsonObject {
  return {
    type: 'object',
    properties: { ...properties, ...optional },
    required: Object.keys(properties),
    unevaluatedProperties: false,
  };
}

const contact = { checkedAt: time, nextAt: time };
const summary = {
  name: text,
  address: { ...text, description: 'The address of its manifest.' },
  state: { enum: ['on', 'off', 'quarantined', 'pending'] },
  quarantined: { ...count, description: 'Tools in quarantine.' },
  findings: object({ error: count, warning: count, info: count }),
  addedAt: time,
  changedAt: time,
  failures: { ...count, description: 'Checks in a row that did not reach it.' },
};
const optionalSummary = { url: text, title: text, version: text, owner: text, ...contact };
const match = { name: text, description: text, scope: text, destructive: flag };
const hit = {
  ...summary,
  tools: count,
  score: { type: 'number' },
  matched: list(object(match, { title: text })),
};
const facet = list(object({ value: text, count }));
const change = { seq: count, at: time, address: text, name: text, kind: text };
const addedUrl = 'The URL of its MCP endpoint or manifest, or of an origin that has one server.';
const severity = { enum: ['error', 'warning', 'info'] };
const guidanceChange = object({ item: text, before: { type: ['string', 'null'] }, after: text });

export const SCHEMAS: JsonObject = {
  Problem: object({ title: text, status: { type: 'integer' }, detail: text }, { field: text }),
  Actor: object({ user: text }, { tenant: text, issuer: text }),
  Switch: object({ enabled: flag, at: time }, { by: ref('Actor'), reason: text }),
  Finding: object({ code: text, severity, message: text, mend: text }, { tool: text }),
  Difference: object({ pointer: text }, { before: {}, after: {} }),
  Identity: object({ name: text, url: text, owner: text, issuers: list(text) }),
  ServerSummary: object({ ...summary, tools: count }, optionalSummary),
  Tool: object(
    {
      ...match,
      schema: any,
      digest: text,
      state: { enum: ['on', 'off', 'quarantined'] },
      findings: list(ref('Finding')),
    },
    {
      title: text,
      outputSchema: any,
      listed: {
        ...any,
        description: 'What tools/list adds to the manifest, or says otherwise; absent until that was read.',
      },
      switch: ref('Switch'),
      accepted: { anyOf: [{ type: 'null' }, { type: 'object', required: ['name', 'digest'] }] },
      changes: list(ref('Difference')),
    },
  ),
  Server: object(
    { ...summary, tools: list(ref('Tool')), allFindings: list(ref('Finding')) },
    {
      addedBy: ref('Actor'),
      ...optionalSummary,
      manifest: ref('ManifestHead'),
      switch: ref('Switch'),
      guidance: object({ digest: text, changes: list(guidanceChange) }),
      identity: object({ accepted: ref('Identity'), now: ref('Identity'), changes: list(ref('Difference')) }),
    },
  ),
  ServerList: object({ servers: list(ref('ServerSummary')), total: count }, { nextCursor: text }),
  SearchResult: object({
    total: count,
    servers: list(object(hit, optionalSummary)),
    facets: object({ owner: facet, scope: facet, destructive: facet, state: facet }),
  }),
  Findings: object({ findings: list(ref('Finding')) }),
  FindingList: object({
    total: count,
    findings: list({ type: 'object', required: ['server', 'code', 'severity', 'message', 'mend'] }),
  }),
  Change: {
    type: 'object',
    properties: { ...change, by: ref('Actor') },
    required: Object.keys(change),
    description:
      'Further members depend on the kind: tool, digest, before and after, found and gone, enabled, items, reason. Who and why are included only with a token for this registry.',
  },
  History: object({ changes: list(ref('Change')) }, { nextBefore: count }),
  Switches: object({
    server: text,
    enabled: flag,
    tools: { type: 'object', additionalProperties: { enum: ['off', 'quarantined'] } },
  }),
  Event: object({ seq: count, at: time, kind: text, name: text, address: text }, { tool: text }),
  NewServer: object({ url: { ...text, description: addedUrl } }),
  SwitchTo: object({ enabled: flag, reason: text }),
  Accept: object({ digest: text, reason: text }),
};
