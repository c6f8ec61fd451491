/**
 * What an endpoint counts, in Prometheus's text format. Each label has only a few values, whatever clients send.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import { METHODS } from '../wire/mcp/dispatch.js';
import type { Reply } from '../wire/mcp/reply.js';
import type { Era } from '../wire/revisions.js';
import { isRecord } from '../wire/value.js';

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

type Counted = { era: Era; outcome: string; labels: string; count: number; seconds: number };

export class Metrics {
  /** By method. Each has only a few entries, and to search them is cheaper than to build their labels for each request. */
  readonly #counted = new Map<string, Counted[]>();
  readonly #refused = new Map<string, number>();
  readonly #others: () => { [name: string]: number };

  /** `others` returns counters that are kept elsewhere, by name. */
  constructor(others: () => { [name: string]: number } = () => ({})) {
    this.#others = others;
  }

  /** Counts a request that was answered, or abandoned by its client. */
  count(method: string, era: Era, reply: Reply | undefined, seconds: number): void {
    const counted = this.#find(method, era, outcomeOf(reply));
    counted.count += 1;
    counted.seconds += seconds;
  }

  #find(asked: string, era: Era, outcome: string): Counted {
    const method = METHODS.has(asked) ? asked : 'unknown';
    const ofMethod = this.#counted.get(method) ?? [];
    const known = ofMethod.find((one) => one.era === era && one.outcome === outcome);
    if (known !== undefined) return known;
    const labels = `method="${method}",era="${era}",outcome="${outcome}"`;
    const made = { era, outcome, labels, count: 0, seconds: 0 };
    this.#counted.set(method, [...ofMethod, made]);
    return made;
  }

  /** Counts a request that was refused for its token. There are only a few reasons. */
  refused(reason: string): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }

  /** `gauges` are the current values, by name. */
  text(gauges: { [name: string]: number }): string {
    const counted = [...this.#counted.values()].flat();
    return [
      '# TYPE mcp_requests_total counter',
      ...counted.map(({ labels, count }) => `mcp_requests_total{${labels}} ${count}`),
      '# TYPE mcp_request_seconds_total counter',
      ...counted.map(({ labels, seconds }) => `mcp_request_seconds_total{${labels}} ${seconds.toFixed(6)}`),
      '# TYPE mcp_authorization_refused_total counter',
      ...[...this.#refused].map(
        ([reason, count]) => `mcp_authorization_refused_total{reason="${reason}"} ${count}`,
      ),
      ...Object.entries(gauges).flatMap(([name, value]) => [`# TYPE ${name} gauge`, `${name} ${value}`]),
      ...Object.entries(this.#others()).flatMap(([name, value]) => [
        `# TYPE ${name} counter`,
        `${name} ${value}`,
      ]),
      '',
    ].join('\n');
  }
}

// `ok`, `tool_error` for a call whose tool failed, `cancelled`, or the code of the JSON-RPC error.
function outcomeOf(reply: Reply | undefined): string {
  if (reply === undefined) return 'cancelled';
  if ('error' in reply.response) return String(reply.response.error.code);
  return isRecord(reply.response.result) && reply.response.result.isError === true ? 'tool_error' : 'ok';
}
