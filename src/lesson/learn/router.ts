/**
 * Serves the lesson at `/learn` on the port of an MCP server. Host and Origin have been checked before; what changes something
 * takes JSON from these pages alone.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Links } from '../../pages/bar.js';
import { sendJson, sendPage, sendScript, sendStyle } from '../../pages/reply.js';
import { checkSender } from '../../pages/signin/form.js';
import { Fault } from '../../wire/fault.js';
import { checkContentLength, checkContentType, readBody, sendFault } from '../../wire/http/body.js';
import type { OnError } from '../../wire/log.js';
import { parseJson } from '../json.js';
import { LEARN_PATH } from './address.js';
import type { Course } from './course.js';
import { exerciseView } from './exercise-view.js';
import type { Site } from './layout.js';
import { chapterPage, contentsPage, transcriptPage, turnOf } from './pages.js';
import { Busy, type Tries, Unusable } from './tries.js';

/** Of a try. */
const MAX_BYTES = 256 * 1024;

export type LearnPages = {
  /** False if `path` is not one of these pages. */
  handle(request: IncomingMessage, response: ServerResponse, path: string): boolean;
};

export type LearnOptions = {
  /** Opened for each page. */
  openCourse(): Course;
  tries: Tries;
  links: () => Links;
  /** Where the trace shows an exchange of the lesson, by its number. */
  traceOf(number: number): string;
  onError: OnError;
};

export function createLearnPages(options: LearnOptions): LearnPages {
  const { openCourse, links, traceOf } = options;
  const site = (): Site => ({ course: openCourse(), links: links(), isLive: true, to: addressOf, traceOf });
  return {
    handle(request, response, path) {
      if (path !== LEARN_PATH && !path.startsWith(`${LEARN_PATH}/`)) return false;
      const page = path.slice(LEARN_PATH.length + 1).replace(/\/$/, '');
      // A page of another origin cannot load anything here, not even as an image or a script.
      response.setHeader('cross-origin-resource-policy', 'same-origin');
      if (page === 'send' || page === 'check') {
        if (request.method === 'POST') void answer(options, page, site(), request, response);
        else refuse(response, 'methodNotAllowed', `expected POST, received ${request.method}`, 'POST');
      } else if (request.method !== 'GET' && request.method !== 'HEAD')
        refuse(response, 'methodNotAllowed', `the lesson takes GET, received ${request.method}`, 'GET, HEAD');
      else if (page === 'style.css') sendStyle(response, 'bytes.css', 'learn.css');
      else if (page === 'script.js') sendScript(response, 'learn.js');
      else show(site(), response, page);
      return true;
    },
  };
}

const addressOf = (page: string): string => (page === '' ? LEARN_PATH : `${LEARN_PATH}/${page}`);

function show(site: Site, response: ServerResponse, page: string): void {
  const { course } = site;
  const [name = '', transcript = '', ...more] = page.split('/');
  const chapter = course.chapter(name);
  const file = `${name}/${transcript.replace(/\.wire$/, '')}.wire`;
  if (page === '') sendPage(response, 200, contentsPage(site));
  else if (chapter === undefined || more.length > 0) nothing(response);
  else if (transcript === '') sendPage(response, 200, chapterPage(site, chapter));
  else if (!chapter.files.includes(file)) nothing(response);
  else if (!transcript.endsWith('.wire')) sendPage(response, 200, transcriptPage(site, chapter, file));
  else
    sendPage(response, 200, course.source(file) ?? '', {
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': `attachment; filename="${transcript}"`,
    });
}

function nothing(response: ServerResponse): void {
  refuse(response, 'notFound', `there is nothing at this address; the lesson begins at ${LEARN_PATH}`);
}

function refuse(
  response: ServerResponse,
  name: 'notFound' | 'methodNotAllowed',
  why: string,
  allow?: string,
): void {
  sendFault(response, new Fault(name, why), allow === undefined ? {} : { allow, connection: 'close' });
}

async function answer(
  { tries, onError }: LearnOptions,
  page: 'send' | 'check',
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const body = await readTry(request);
    if (body instanceof Fault) return sendFault(response, body, { connection: 'close' });
    if (page === 'check') {
      const { file, source, values, result } = await tries.check(body);
      return sendJson(response, { html: exerciseView(file, source, true, values, result).text });
    }
    const { file, turns } = await tries.send(body);
    const turnViews = turns.map((one) => ({ index: one.turn.index, html: turnOf(site, file, one).text }));
    sendJson(response, { turns: turnViews });
  } catch (error) {
    if (error instanceof Unusable) sendFault(response, new Fault('invalidRequest', error.message));
    else if (error instanceof Busy) sendFault(response, new Fault('busy', error.message));
    else {
      onError(error, 'lesson.failed');
      sendFault(
        response,
        new Fault('internalError', 'the lesson could not try this; its server says why on stderr'),
      );
    }
  }
}

async function readTry(request: IncomingMessage): Promise<unknown> {
  const foreign = checkSender(request, `http://${request.headers.host}`);
  if (foreign !== undefined) return new Fault('foreignOrigin', foreign.problem);
  const problem = checkContentType(request) ?? checkContentLength(request, MAX_BYTES);
  if (problem !== undefined) return problem;
  const body = await readBody(request, MAX_BYTES);
  return body instanceof Fault ? body : parseJson(Buffer.from(body).toString('utf8'));
}
