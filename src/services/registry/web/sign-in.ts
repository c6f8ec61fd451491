/** How people sign in to the pages. */
import type { SignInPages } from '../../../pages/signin/sign-in.js';
import { SIGN_IN_PATH } from '../pages/address.js';
import { noticePage, problemPage } from '../pages/notice.js';
import { REGISTRY_CALLBACK_PATH, REGISTRY_WRITE } from '../token-names.js';

export const SIGN_IN: SignInPages = {
  name: 'registry',
  callback: REGISTRY_CALLBACK_PATH,
  signIn: SIGN_IN_PATH,
  home: '/',
  own: /^\/(servers\/[^/?#\\\s]{1,600})?$/,
  scope: REGISTRY_WRITE,
  may: 'change anything here',
  problem: (problem, ...links) => problemPage(problem, undefined, ...links),
  notice: (title, text, ...links) => noticePage({ title, text, links }),
};
