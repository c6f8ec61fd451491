/**
 * Watches the main thread while it answers one call: which functions of the program run, and in which order. It is a worker because a
 * thread that is paused at a breakpoint cannot answer its own debugger.
 */
import { Session } from 'node:inspector/promises';
import { parentPort, workerData } from 'node:worker_threads';

const { root } = workerData;
const session = new Session();
session.connectToMainThread();
const lines = new Map();
/** The line and column of an offset in a script. */
async function locate(scriptId, offset) {
  let source = lines.get(scriptId);
  if (source === undefined) {
    source = (await session.post('Debugger.getScriptSource', { scriptId })).scriptSource;
    lines.set(scriptId, source);
  }
  const before = source.slice(0, offset).split('\n');
  return { scriptId, lineNumber: before.length - 1, columnNumber: before.at(-1).length };
}

/** The functions that ran since coverage began. */
async function functionsThatRan() {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const modules = result.filter(({ url }) => url.startsWith(root));
  return modules.flatMap(({ url, scriptId, functions }) =>
    functions
      .filter(({ ranges: [range] }) => range.count > 0 && range.startOffset > 0)
      .map(({ functionName: name, ranges: [range] }) => ({
        file: url.slice(root.length),
        scriptId,
        name,
        start: range.startOffset,
        end: range.endOffset,
      })),
  );
}

/** Stops at the first statement of each of the functions, to record in which order they are entered. */
async function breakAt(functions) {
  session.on('Debugger.paused', ({ params }) => {
    for (const id of armed ? (params.hitBreakpoints ?? []) : []) {
      const one = byBreakpoint.get(id);
      if (one === undefined) continue;
      byBreakpoint.delete(id);
      inOrder.push(one);
      void session.post('Debugger.removeBreakpoint', { breakpointId: id });
    }
    void session.post('Debugger.resume');
  });
  for (const one of functions) {
    const { locations } = await session.post('Debugger.getPossibleBreakpoints', {
      start: await locate(one.scriptId, one.start + 1),
      end: await locate(one.scriptId, one.end),
      restrictToFunction: true,
    });
    if (locations.length === 0) continue;
    const { breakpointId } = await session.post('Debugger.setBreakpoint', { location: locations[0] });
    byBreakpoint.set(breakpointId, one);
  }
  armed = true;
}

const byBreakpoint = new Map();
let armed = false;
const inOrder = [];
/** What each of the calls entered that were made so far. */
const runs = [];
let all = [];
const steps = {
  async begin() {
    await session.post('Profiler.enable');
    await session.post('Debugger.enable', { maxScriptsCacheSize: 1e8 });
  },
  async cover() {
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    // What ran before does not count.
    await session.post('Profiler.takePreciseCoverage');
  },
  async take() {
    runs.push(await functionsThatRan());
  },
  async arm() {
    await session.post('Profiler.stopPreciseCoverage');
    // A timer that happens to run beside one call is no part of its path.
    const [first, ...others] = runs;
    all = first.filter((one) =>
      others.every((run) =>
        run.some(({ scriptId, start }) => scriptId === one.scriptId && start === one.start),
      ),
    );
    await breakAt(all);
  },
  async report() {
    const missed = all.filter((one) => !inOrder.includes(one));
    return { inOrder, missed };
  },
};
parentPort.on('message', async (step) => parentPort.postMessage((await steps[step]()) ?? 'done'));
parentPort.postMessage('ready');
