/**
 * How long each MCP operation of an endpoint takes, by method, tool, revision and outcome: the metric `mcp.server.operation.duration` of
 * OpenTelemetry under the name that Prometheus gives it. Of its attributes those are left out that follow from others.
 *
 * @see https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/mcp.md#metric-mcpserveroperationduration
 */
import { type Histogram, HistogramFamily } from '../services/exposition.js';
import { FAULTS } from '../wire/fault.js';
import { METHODS } from '../wire/mcp/dispatch.js';
import type { Reply } from '../wire/mcp/reply.js';
import { isRecord } from '../wire/value.js';

export const OPERATION_DURATION = 'mcp_server_operation_duration_seconds';
/** Seconds, as the convention has them. */
const BOUNDS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];
/** Histograms of one endpoint. Beyond that, tools without one of their own share one. */
const MAX_HISTOGRAMS = 500;
/** In place of a name that is not known, as OpenTelemetry has it for methods of HTTP: clients must not make labels. */
export const OTHER = '_OTHER';

/**
 * Values of `error_type` that break the promise of the manifest: the server could not answer. With all others the caller, its token, a
 * person or the tool decided how the call ended.
 */
export const SERVER_ERRORS: readonly string[] = [
  ...new Set(
    [FAULTS.internalError, FAULTS.busy, FAULTS.unavailable, FAULTS.stopping].map(({ code }) => `${code}`),
  ),
];

type Kind = { revision: string | undefined; outcome: string | undefined };
type Row = { target: string | undefined; cells: (Kind & { histogram: Histogram })[] };

/** The labels that name what a method works on. */
const TARGET_LABELS: { [method: string]: string } = {
  'tools/call': 'gen_ai_tool_name',
  'prompts/get': 'gen_ai_prompt_name',
};

/**
 * @param isKnown whether the server has a tool or prompt of this name
 * @param p99Seconds a limit of the SLO is a bound of its own, so that whether it was met is counted and not estimated
 */
export function createOperations(
  isKnown: (method: string, target: string) => boolean,
  p99Seconds: number | undefined,
) {
  const bounds = [...new Set([...BOUNDS, ...(p99Seconds === undefined ? [] : [p99Seconds])])];
  const durations = new HistogramFamily(
    OPERATION_DURATION,
    'Duration of an MCP request, from its last byte to its answer.',
    bounds.sort((one, other) => one - other),
  );
  /** By method and target. A row has only a few cells, and searching them is cheaper than building labels for each request. */
  const cells = new Map<string, Map<string | undefined, Row>>();

  function rowOf(method: string, target: string | undefined): Row {
    const label = target === undefined || isKnown(method, target) ? target : OTHER;
    const rows = cells.get(method) ?? new Map<string | undefined, Row>();
    const row = rows.get(label) ?? { target: label, cells: [] };
    cells.set(method, rows.set(label, row));
    return row;
  }

  function histogramOf(method: string, target: string | undefined, { revision, outcome }: Kind): Histogram {
    const label = TARGET_LABELS[method];
    const isFull = durations.size >= MAX_HISTOGRAMS;
    return durations.of({
      mcp_method_name: method,
      ...(label === undefined || target === undefined ? {} : { [label]: isFull ? OTHER : target }),
      error_type: outcome,
      mcp_protocol_version: revision,
      network_transport: 'tcp',
    });
  }

  return {
    observe(
      requestedMethod: string,
      requestedTarget: string | undefined,
      revision: string | undefined,
      reply: Reply | undefined,
      seconds: number,
    ): void {
      const method = METHODS.has(requestedMethod) ? requestedMethod : OTHER;
      const outcome = errorTypeOf(reply);
      const target = TARGET_LABELS[method] === undefined ? undefined : requestedTarget;
      const row = cells.get(method)?.get(target) ?? rowOf(method, target);
      for (const cell of row.cells) {
        if (cell.revision !== revision || cell.outcome !== outcome) continue;
        cell.histogram.observe(seconds);
        return;
      }
      const histogram = histogramOf(method, row.target, { revision, outcome });
      row.cells.push({ revision, outcome, histogram });
      histogram.observe(seconds);
    },
    text: (): string => durations.text(),
  };
}

/** The code of a JSON-RPC error, `tool_error` for a tool that failed, and `cancelled`; undefined for success. */
export function errorTypeOf(reply: Reply | undefined): string | undefined {
  if (reply === undefined) return 'cancelled';
  const { response } = reply;
  if ('error' in response) return String(response.error.code);
  return isRecord(response.result) && response.result.isError === true ? 'tool_error' : undefined;
}
