/**
 * Names that tell what stands under them: members of an object, headers, parameters of a query, variables of a shell. A name
 * is read as words, whatever parts them, so `clientSecret`, `CLIENT_SECRET` and `client-secret` are one.
 */

/** What a value under the name is: a secret as a whole, or a number of a certain kind. */
export type NameKind = 'secret' | 'header' | 'ssn' | 'card' | 'iban' | 'phone';

/** The last words of a name, joined. Longer names end in them: `db_password`, `awsSecretAccessKey`. */
const SECRET_ENDS = [
  ...[
    'password',
    'passwd',
    'pwd',
    'passphrase',
    'passcode',
    'passwort',
    'secret',
    'secrets',
    'token',
    'apitoken',
  ],
  ...[
    'apikey',
    'accesskey',
    'accesskeyid',
    'secretkey',
    'privatekey',
    'signingkey',
    'encryptionkey',
    'accountkey',
  ],
  ...[
    'masterkey',
    'sharedkey',
    'authkey',
    'servicekey',
    'licensekey',
    'deploykey',
    'sshkey',
    'hmackey',
    'credential',
  ],
  ...[
    'credentials',
    'connectionstring',
    'sessionid',
    'sessionkey',
    'cookie',
    'cookies',
    'codeverifier',
    'assertion',
  ],
  ...[
    'devicecode',
    'pincode',
    'otp',
    'totp',
    'cvv',
    'cvc',
    'cvv2',
    'signature',
    'requeststate',
    'jwt',
    'bearertoken',
  ],
];
/** Whole names that are too short to end longer ones. */
const SECRET_WHOLE = ['pass', 'auth', 'sig', 'sid', 'pin', 'dsn', 'bearer', 'xapikey'];
const HEADERS = ['authorization', 'proxyauthorization', 'cookie', 'setcookie'];
const SSN_ENDS = ['ssn', 'socialsecurity', 'socialsecuritynumber', 'socialsecurityno'];
const CARD_ENDS = [
  'card',
  'cardnumber',
  'cardno',
  'creditcard',
  'debitcard',
  'pan',
  'ccnumber',
  'primaryaccountnumber',
];
const PHONE_ENDS = [
  'phone',
  'phonenumber',
  'telephone',
  'mobile',
  'mobilenumber',
  'cellphone',
  'fax',
  'msisdn',
];
/** Places in a list and progress of a call are called tokens, too, and no secrets. */
const HARMLESS_TOKEN =
  /^(?:.{0,40}(?:next|page|pagination|continuation|continue|progress|sync|cursor|cancellation|stop|start|end|eos|bos|pad|mask|unk|sep|cls)token)$/;
/** Signatures of documents and functions are shown to everybody. */
const URL_SIGNATURE = /^(?:xamz|xgoog|xoss|x)?signature$/;

const MAX_NAME = 64;
const MAX_KNOWN = 4_096;
const known = new Map<string, NameKind | undefined>();

/** What the name tells, if anything. Most names come again and again, so they are read once. */
export function nameKind(name: string): NameKind | undefined {
  if (name.length > MAX_NAME) return undefined;
  const before = known.get(name);
  if (before !== undefined || known.has(name)) return before;
  const kind = read(name);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(name, kind);
  return kind;
}

function read(name: string): NameKind | undefined {
  const words = name
    .normalize('NFKC')
    .replace(/([a-z\d])(?=[A-Z])/g, '$1 ')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  const whole = words.join('');
  if (HEADERS.includes(whole)) return 'header';
  if (SECRET_WHOLE.includes(whole)) return 'secret';
  if (HARMLESS_TOKEN.test(whole)) return undefined;
  // The end of a name begins with a word: `secretary` ends in no secret, and `monkey` in no key.
  const ends = words.map((_, at) => words.slice(at).join(''));
  const endsIn = (list: readonly string[]): boolean => ends.some((end) => list.includes(end));
  if (endsIn(['signature'])) return URL_SIGNATURE.test(whole) && whole !== 'signature' ? 'secret' : undefined;
  if (endsIn(SECRET_ENDS) || /^(?:db|my|app|user|root|admin)?(?:password|passwd|pwd)\d?$/.test(whole))
    return 'secret';
  if (endsIn(SSN_ENDS)) return 'ssn';
  if (endsIn(CARD_ENDS)) return 'card';
  if (endsIn(['iban'])) return 'iban';
  return endsIn(PHONE_ENDS) ? 'phone' : undefined;
}

/** What stands for the value of a member of that name; undefined where the value is none of that kind. */
export function markerUnder(kind: NameKind, value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  if (kind === 'secret' || kind === 'header') return isMarker(value) || value === '' ? undefined : '[hidden]';
  const digits = countDigits(String(value));
  return digits >= LEAST_DIGITS[kind] ? `[${kind}]` : undefined;
}

/** A card named in words, such as `Visa`, is not a number. */
const LEAST_DIGITS = { ssn: 4, card: 12, iban: 8, phone: 7 };

/** What was redacted before stays as it is. */
function isMarker(value: unknown): boolean {
  return (
    typeof value === 'string' && /^\[(?:secret|token|key|hidden|ssn|card|iban|phone|email|ip)\]$/.test(value)
  );
}

function countDigits(text: string): number {
  let count = 0;
  for (const _ of text.matchAll(/\p{Nd}/gu)) count += 1;
  return count;
}
