/**
 * Names that say what a value is: members of an object, headers, parameters of a query, variables of a shell. A name is read as
 * words, however they are separated, so `clientSecret`, `CLIENT_SECRET` and `client-secret` are the same.
 */

/** What a value under the name is: a secret as a whole, or a number of a certain kind. */
export type NameKind = 'secret' | 'header' | 'ssn' | 'card' | 'iban' | 'phone';

const list = (names: string): readonly string[] => names.split(' ');

/** The last words of a name, joined. Longer names end in them: `db_password`, `awsSecretAccessKey`. */
const SECRET_ENDS = list(
  'password passwd pwd passphrase passcode passwort secret secrets token apitoken bearertoken jwt ' +
    'apikey accesskey accesskeyid secretkey privatekey signingkey encryptionkey accountkey masterkey sharedkey ' +
    'authkey servicekey licensekey deploykey sshkey hmackey sessionkey sessionid cookie cookies ' +
    'credential credentials connectionstring codeverifier assertion devicecode requeststate ' +
    'pincode otp totp cvv cvc cvv2',
);
/** Whole names that are too short to end longer ones. */
const SECRET_NAMES = list('pass auth sig sid pin dsn bearer xapikey');
const HEADERS = list('authorization proxyauthorization cookie setcookie');
const NUMBER_ENDS: readonly [kind: NameKind, ends: readonly string[]][] = [
  ['ssn', list('ssn socialsecurity socialsecuritynumber socialsecurityno')],
  ['card', list('card cardnumber cardno creditcard debitcard pan ccnumber primaryaccountnumber')],
  ['iban', ['iban']],
  ['phone', list('phone phonenumber telephone mobile mobilenumber cellphone fax msisdn')],
];
/** Places in a list and the progress of a call are called tokens too. */
const HARMLESS_TOKEN =
  /^(?:.{0,40}(?:next|page|pagination|continuation|continue|progress|sync|cursor|cancellation|stop|start|end|eos|bos|pad|mask|unk|sep|cls)token)$/;
/** Signatures in URLs grant access; those of documents and functions are public. */
const URL_SIGNATURE = /^(?:xamz|xgoog|xoss|x)signature$/;

const MAX_NAME = 64;
const MAX_CACHED = 4_096;
const cache = new Map<string, NameKind | undefined>();

/** The kind of value under the name, if the name says it. Most names come again and again, so the kinds are cached. */
export function nameKind(name: string): NameKind | undefined {
  if (name.length > MAX_NAME) return undefined;
  const cached = cache.get(name);
  if (cached !== undefined || cache.has(name)) return cached;
  const kind = readKind(name);
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(name, kind);
  return kind;
}

function readKind(name: string): NameKind | undefined {
  const words = name
    .normalize('NFKC')
    .replace(/([a-z\d])(?=[A-Z])/g, '$1 ')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  const whole = words.join('');
  if (HEADERS.includes(whole)) return 'header';
  if (SECRET_NAMES.includes(whole)) return 'secret';
  if (HARMLESS_TOKEN.test(whole)) return undefined;
  // An ending starts with a whole word: `secretary` does not end in a secret, nor `monkey` in a key.
  const endings = words.map((_, at) => words.slice(at).join(''));
  if (endings.includes('signature')) return URL_SIGNATURE.test(whole) ? 'secret' : undefined;
  if (endings.some((ending) => SECRET_ENDS.includes(ending))) return 'secret';
  if (/^(?:db|my|app|user|root|admin)?(?:password|passwd|pwd)\d?$/.test(whole)) return 'secret';
  return NUMBER_ENDS.find(([, ends]) => endings.some((ending) => ends.includes(ending)))?.[0];
}

/** The marker that replaces a value under a name of that kind; undefined when the value is not of that kind. */
export function markerUnder(kind: NameKind, value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  if (kind === 'secret' || kind === 'header') return isMarker(value) || value === '' ? undefined : '[hidden]';
  const digits = String(value).match(/\p{Nd}/gu)?.length ?? 0;
  return digits >= MIN_DIGITS[kind] ? `[${kind}]` : undefined;
}

/** The name of a card, such as `Visa`, is not a number. */
const MIN_DIGITS = { ssn: 4, card: 12, iban: 8, phone: 7 };

/** A value that is redacted already stays as it is. */
function isMarker(value: string | number): boolean {
  return /^\[(?:secret|token|key|hidden|ssn|card|iban|phone|email|ip)\]$/.test(String(value));
}
