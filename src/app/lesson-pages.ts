/** The pages of the lesson and of its trace, and the servers that a reader's tries start. lesson.ts loads this at the first visit. */
import { randomBytes } from 'node:crypto';
import { FIXTURES } from '../lesson/files.js';
import { openCourse } from '../lesson/learn/course.js';
import type { Live } from '../lesson/learn/perform.js';
import { createLearnPages } from '../lesson/learn/router.js';
import { createTries } from '../lesson/learn/tries.js';
import { createTracePages } from '../lesson/trace/router.js';
import type { Links } from '../pages/bar.js';
import type { OnError } from '../wire/log.js';
import type { Pages } from './endpoint-options.js';
import type { Theatre } from './theatre/theatre.js';
import { createStoredTrace, type Tracing } from './trace.js';

export type LessonPages = Pages & {
  /** Stops the servers. */
  end(): Promise<void>;
};

export function createLessonPages(links: () => Links, onError: OnError): LessonPages {
  const { store, tracing } = createStoredTrace(onError);
  // The servers of the lesson have demo data alone, but other pages of this machine need not see what a reader tries.
  const secret = randomBytes(16).toString('base64url');
  const open = () => openCourse(FIXTURES);
  let opening: Promise<Theatre> | undefined;
  const live = async (): Promise<Live> => {
    opening ??= openTheatre(tracing);
    const { stageFor } = await opening;
    return { stageFor, store };
  };
  const end = async (): Promise<void> => {
    const ending = opening;
    opening = undefined;
    await (await ending?.catch(() => undefined))?.close();
  };
  const tracePages = createTracePages(store, secret, links);
  const learnPages = createLearnPages({
    openCourse: open,
    tries: createTries(open, live, end),
    links,
    traceOf: (number) => `/trace/${secret}/${number}`,
    onError,
  });
  return {
    handle: (...request) => learnPages.handle(...request) || tracePages.handle(...request),
    close: () => tracePages.close(),
    end,
  };
}

/** Loaded only when somebody tries something. */
async function openTheatre(tracing: Tracing): Promise<Theatre> {
  const { createTheatre } = await import('./theatre/theatre.js');
  return createTheatre(tracing);
}
