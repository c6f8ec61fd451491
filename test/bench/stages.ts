/**
 * Where the processor time of a call goes, from a `.cpuprofile` of V8: the time of each function itself, summed by stage. What
 * belongs to Node or V8 counts for the function of the project that called it; what nothing of the project called (sockets, the
 * HTTP parser, the event loop) is a stage of its own. No I/O here.
 */

/** As V8 writes it: of each sample, the node of the call tree, and the microseconds since the sample before. */
export type CpuProfile = {
  nodes: readonly ProfileNode[];
  /** Microseconds of the monotonic clock, which `process.hrtime()` reads, too. */
  startTime: number;
  samples: readonly number[];
  timeDeltas: readonly number[];
};
type ProfileNode = {
  id: number;
  callFrame: { functionName: string; url: string };
  children?: readonly number[];
};
/** The time of one function itself. */
export type Spent = { stage: string; file: string; name: string; micros: number };

const SYSTEM = 'sockets and node:http';
const ANSWER = 'writing the answer';
const GARBAGE = 'garbage collection';
const OTHER = 'other';
const KERNEL = 'V8 and the system';
/** The first that matches `file#function` counts: files under dist, and the module of the tools. */
const RULES: readonly (readonly [stage: string, file: RegExp])[] = [
  ['token', /^oauth\//],
  [ANSWER, /^wire\/http\/(http-responder|stream|event-log)\.js|^wire\/http\/body\.js#(send|end)/],
  [ANSWER, /^wire\/mcp\/(reply|result|masking)\.js/],
  ['body and JSON', /^wire\/(jsonrpc\/|http\/body\.js)/],
  [
    'policy',
    /^wire\/mcp\/(authority|decision)\.js|^governance\/policy\/(?!redact|detect|json-spans|columns)/,
  ],
  ['schema', /^wire\/schema\//],
  ['tool', /^wire\/mcp\/run-handler\.js|^tools\//],
  ['audit record', /^governance\/(audit|policy)\//],
  ['headers, revision, method', /^wire\//],
];
/** In the order of a call. */
export const STAGES = [
  SYSTEM,
  'token',
  'body and JSON',
  'headers, revision, method',
  'policy',
  'schema',
  'tool',
  'audit record',
  ANSWER,
  GARBAGE,
  OTHER,
] as const;

export const stageOf = (file: string): string =>
  RULES.find(([, pattern]) => pattern.test(file))?.[0] ?? OTHER;

/** What was spent between two times of the monotonic clock, most first. Idle time is left out. */
export function spentIn(profile: CpuProfile, [from, to]: readonly [number, number]): Spent[] {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node] as const)),
  );
  const micros = new Map<number, number>();
  let time = profile.startTime;
  profile.samples.forEach((id, at) => {
    const delta = profile.timeDeltas[at] ?? 0;
    time += delta;
    if (time >= from && time <= to) micros.set(id, (micros.get(id) ?? 0) + delta);
  });
  const spent = new Map<string, Spent>();
  for (const [id, own] of micros) {
    const node = nodes.get(id);
    if (node === undefined || node.callFrame.functionName === '(idle)') continue;
    const file = fileOf(node) ?? KERNEL;
    const name = node.callFrame.functionName || '(anonymous)';
    const stage = stageOfNode(node, parents);
    const key = `${stage} ${file} ${name}`;
    const one = spent.get(key) ?? { stage, file, name, micros: 0 };
    spent.set(key, { ...one, micros: one.micros + own });
  }
  return [...spent.values()].sort((one, other) => other.micros - one.micros);
}

/**
 * What V8 takes for idle: waiting for events. A server that is never idle spends that time in the kernel, so the processor time
 * that no sample accounts for is the system's.
 */
export function waiting(spent: readonly Spent[], cpuMicros: number): Spent[] {
  const micros = cpuMicros - spent.reduce((sum, one) => sum + one.micros, 0);
  return micros <= 0
    ? []
    : [{ stage: SYSTEM, file: KERNEL, name: '(kernel, while waiting for events)', micros }];
}

function stageOfNode(node: ProfileNode, parents: ReadonlyMap<number, ProfileNode>): string {
  if (node.callFrame.functionName === '(garbage collector)') return GARBAGE;
  let one: ProfileNode | undefined = node;
  for (; one !== undefined; one = parents.get(one.id)) {
    const file = fileOf(one);
    // However it was called: from here on Node writes the answer.
    if (file === 'node:_http_outgoing') return ANSWER;
    if (file !== undefined && !file.startsWith('node:'))
      return stageOf(`${file}#${one.callFrame.functionName}`);
  }
  return SYSTEM;
}

/** Of a file of the project its path under dist; of another its last names. */
function fileOf({ callFrame: { url } }: ProfileNode): string | undefined {
  if (url === '') return undefined;
  if (url.startsWith('node:')) return url;
  const [, own] = /\/dist\/((?!.*\/node_modules\/).*)$/.exec(url) ?? [];
  if (own !== undefined) return own;
  const [, foreign] = /\/node_modules\/(.*)$/.exec(url) ?? [];
  return foreign === undefined ? `tools/${url.split('/').at(-1)}` : `node_modules/${foreign}`;
}
