/** The lesson in the browser, next to the pages of the first MCP server. It is loaded at the first visit, so that a server starts sooner. */
import { LEARN_PATH } from '../lesson/learn/address.js';
import type { Links } from '../pages/bar.js';
import { Fault } from '../wire/fault.js';
import { sendFault } from '../wire/http/body.js';
import type { OnError } from '../wire/log.js';
import type { Pages } from './endpoint-options.js';
import type { LessonPages } from './lesson-pages.js';

export type Lesson = {
  pages(links: () => Links): Pages;
  close(): Promise<void>;
};

export function createLesson(onError: OnError): Lesson {
  let loading: Promise<LessonPages> | undefined;
  let loadedPages: LessonPages | undefined;
  const load = async (links: () => Links): Promise<LessonPages> => {
    const { createLessonPages } = await import('./lesson-pages.js');
    loadedPages = createLessonPages(links, onError);
    return loadedPages;
  };
  return {
    pages: (links) => ({
      handle(request, response, path) {
        // Its trace has pages as well, which nobody knows before they have seen the lesson.
        if (loadedPages !== undefined) return loadedPages.handle(request, response, path);
        if (path !== LEARN_PATH && !path.startsWith(`${LEARN_PATH}/`)) return false;
        loading ??= load(links);
        loading
          .then((pages) => pages.handle(request, response, path))
          .catch((error: unknown) => {
            onError(error, 'lesson.failed');
            sendFault(response, new Fault('internalError', 'the lesson could not be loaded'));
          });
        return true;
      },
      close: () => loadedPages?.close(),
    }),
    close: async () => (await loading?.catch(() => undefined))?.end(),
  };
}
