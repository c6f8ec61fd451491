/** Where a running server has the lesson. Alone in this file, so that the navigation of every server can name it. */
export const LEARN_PATH = '/learn';
