import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bar } from '../../src/pages/bar.js';
import { html } from '../../src/pages/html.js';

const test = suite('pages/bar');

const linksIn = (text: string): string[] =>
  [...text.matchAll(/<a href="([^"]*)"[^>]*>([^<]*)/g)].map(([, address, words]) => `${words} ${address}`);

test('running services are linked, in one order, and others are not', () => {
  const { text } = bar('trace', { signin: 'http://a:3', trace: '/trace/secret', learn: 'http://a:1/learn' });
  assert.equal(linksIn(text), ['Learn http://a:1/learn', 'Trace /trace/secret', 'Sign-in http://a:3']);
  assert.match(text, '<a href="/trace/secret" aria-current="true">Trace</a>');
  assert.is(text.match(/aria-current/g)?.length, 1);
});

test('the name links to the start page if there is one', () => {
  assert.match(bar(undefined, { start: 'http://a:1/' }).text, '<a class="name" href="http://a:1/"><svg');
  const alone = bar('registry', {}).text;
  assert.match(alone, '<span class="name"><svg');
  assert.not.match(alone, /<nav|href="http/);
});

test('the links that a page adds come last, and addresses are escaped', () => {
  const { text } = bar('learn', { learn: '/learn?"' }, html`<p class="live">live</p>`);
  assert.match(text, /<\/nav>\n<p class="live">live<\/p>\n<\/header>$/);
  assert.match(text, 'href="/learn?&quot;"');
});

test('the first link skips the navigation', () => {
  assert.match(bar(undefined, {}).text, /^<a class="skip" href="#main">/);
});

test.run();
