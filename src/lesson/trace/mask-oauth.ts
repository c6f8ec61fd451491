/**
 * Masks an exchange with the authorization server. Nearly everything there opens something, so a field of a form and a parameter
 * of an address are shown only if they are in a list of harmless ones. Members of JSON are hidden by name. What was hidden once
 * is also hidden wherever the exchange repeats it.
 */
import { type NameKind, nameKind } from '../../governance/policy/detect/names.js';
import { parseJson } from '../json.js';
import { AUTHSERVER } from './exchange.js';
import type { Header } from './headers.js';
import { HIDDEN, type Masker, maskerFor, maskText, maskTree } from './mask.js';

/** Fields and parameters that say what is asked, and open nothing. A challenge is a hash of its verifier (RFC 7636). */
const HARMLESS = new Set(
  (
    'grant_type client_id redirect_uri response_type response_mode scope resource audience prompt max_age do confirm abort ' +
    'code_challenge code_challenge_method client_assertion_type subject_token_type token_type_hint iss error ' +
    'error_description error_uri'
  ).split(' '),
);
/** Members that are secret here and harmless elsewhere; names are compared without their separators. */
const ALSO_SECRET =
  /^(code|state|nonce|usercode|userid|loginhint|idtokenhint|request|softwarestatement|username|email|uid|xsrf|csrf|proof)$/;
/** Anyone who has the id of a visit and its cookies can go on with it. */
const VISIT = /(\/(?:interaction|authorize|device)\/)[^/?#\s]+/gi;
const FIELD_NAME = /^[a-z][a-z_]{0,39}$/;
/** Shorter values would match too much elsewhere. */
const MIN_LEARNED = 8;
const MAX_LEARNED = 64;

/** The masker for an exchange with that server. */
export function maskerOf(server: string, headers: readonly Header[]): Masker {
  return server === AUTHSERVER ? oauthMaskerFor(headers) : maskerFor(headers);
}

function oauthMaskerFor(headers: readonly Header[]): Masker {
  const general = maskerFor(headers);
  const learnedSecrets = new Set<string>();
  const learn = (...secrets: readonly string[]): void => {
    for (const secret of secrets)
      if (secret.length >= MIN_LEARNED && learnedSecrets.size < MAX_LEARNED) learnedSecrets.add(secret);
  };
  learn(...basicOf(headers).slice(1));

  const withoutLearned = (text: string): string =>
    [...learnedSecrets]
      .sort((one, other) => other.length - one.length)
      .reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
  const plain = (text: string): string => maskText(withoutLearned(text));
  const form = (text: string): string =>
    text
      .split('&')
      .map((field) => {
        const at = field.indexOf('=');
        if (at < 0) return field === '' ? '' : HIDDEN;
        const [name, value] = [field.slice(0, at), field.slice(at + 1)];
        if (value === '') return FIELD_NAME.test(name) ? field : HIDDEN;
        const decoded = decode(value);
        if (HARMLESS.has(name)) {
          const maskedValue = plain(address(decoded));
          return maskedValue === decoded
            ? field
            : `${name}=${maskedValue.replace(/[&\s]/g, encodeURIComponent)}`;
        }
        learn(value, decoded);
        return `${FIELD_NAME.test(name) ? name : HIDDEN}=${HIDDEN}`;
      })
      .join('&');
  /** Text that may be an address: without the visit's id, the account in front of the host, and what is not harmless. */
  const address = (text: string): string => {
    const [, path = '', query, fragment] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text) ?? [];
    return [
      path.replace(VISIT, `$1${HIDDEN}`).replace(/^(\w+:\/\/)[^/@]*@/, `$1${HIDDEN}@`),
      query === undefined ? '' : `?${form(query)}`,
      fragment === undefined ? '' : `#${HIDDEN}`,
    ].join('');
  };
  const inTree = (text: string): string => (/^\w+:\/\//.test(text) ? plain(address(text)) : plain(text));

  return {
    header(name, value) {
      if (/^(location|referer)$/i.test(name)) return plain(address(value));
      return withoutLearned(general.header(name, value));
    },
    target: (line) =>
      line
        .split(' ')
        .map((part) => (/^(\/|\w+:\/\/)/.test(part) ? plain(address(part)) : part))
        .join(' '),
    body(text) {
      const value = parseJson(text);
      if (typeof value !== 'object' || value === null) return form(text);
      const masked = JSON.stringify(maskTree(value, inTree, kindOf));
      return masked === JSON.stringify(value) ? text : masked;
    },
  };
}

/** Id and secret of a client that sends both in a header (RFC 6749, section 2.3.1). */
export function basicOf(headers: readonly Header[]): readonly string[] {
  const value = headers.find(({ name }) => name.toLowerCase() === 'authorization')?.value ?? '';
  const [, encoded] = /^basic +([\w+/=-]+)$/i.exec(value) ?? [];
  if (encoded === undefined) return [];
  const [id = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return secret.length === 0 ? [] : [decode(id), secret.join(':'), decode(secret.join(':'))];
}

function kindOf(name: string): NameKind | undefined {
  return ALSO_SECRET.test(name.toLowerCase().replace(/[^a-z]/g, '')) ? 'secret' : nameKind(name);
}

/** As a form encodes; as it is if it is not encoded. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
