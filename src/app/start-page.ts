/** Serves the start page at the root of an MCP endpoint's port, to browsers alone: programs get the 404 that they always got. */
import type { Links } from '../pages/bar.js';
import { sendPage, sendStyle } from '../pages/reply.js';
import { START_PATH, START_STYLE_PATH, type StartView, startPage } from '../pages/start.js';
import type { EndpointOptions, Pages } from './endpoint-options.js';

const NO_PAGES = { handle: () => false, close: () => {} };

/** Endpoint options for pages: the start page, and those of `createPages` behind it. */
export function withStartPage(
  links: () => Links,
  viewOf: (resource: string) => StartView,
  createPages: EndpointOptions['pages'],
): EndpointOptions['pages'] {
  return (guard) => {
    const others = createPages?.(guard) ?? NO_PAGES;
    return {
      ...others,
      handle(request, response, path) {
        if (request.method !== 'GET' && request.method !== 'HEAD')
          return others.handle(request, response, path);
        if (path === START_STYLE_PATH) sendStyle(response);
        else if (path === START_PATH && /\btext\/html\b/i.test(request.headers.accept ?? ''))
          sendPage(response, 200, startPage(viewOf(guard.resource))(links()));
        else return others.handle(request, response, path);
        return true;
      },
    };
  };
}

/** Endpoint options for pages: `first`, and those of `createPages` behind it. */
export function withPages(first: Pages, createPages: EndpointOptions['pages']): EndpointOptions['pages'] {
  return (guard) => {
    const others = createPages?.(guard) ?? NO_PAGES;
    return {
      handle: (...request) => first.handle(...request) || others.handle(...request),
      close() {
        first.close();
        others.close();
      },
    };
  };
}
