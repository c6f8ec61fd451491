/** The types of settings: how each kind of text is read. A reader throws a RangeError that says what it expected. */
import { readResource, resourceIdentifier } from '../../oauth/protected-resource.js';
import { holdsPassword, type SettingType } from './setting.js';

const LIST = { type: ['string', 'array'], items: { type: 'string' } };

export const SWITCH: SettingType<boolean> = {
  schema: { type: 'boolean' },
  read(text) {
    if (text === '1' || text === 'true') return true;
    if (text === '0' || text === 'false') return false;
    throw new RangeError('expected 1, 0, true or false');
  },
};

export function text(placeholder: string): SettingType<string> {
  return { placeholder, read: (value) => value };
}
export const FILE = text('FILE');
export const FOLDER = text('DIR');

export function list(placeholder: string): SettingType<string[]> {
  return { placeholder, schema: LIST, read: items };
}

export function items(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

export function oneOf<Word extends string>(...words: readonly Word[]): SettingType<Word> {
  return {
    placeholder: words.join('|'),
    schema: { enum: words },
    read(text) {
      const match = words.find((word) => word === text);
      if (match !== undefined) return match;
      throw new RangeError(`expected ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`);
    },
  };
}

export function whole(placeholder: string, min: number, max: number): SettingType<number> {
  return {
    placeholder,
    schema: { type: 'integer', minimum: min, maximum: max },
    read: (text) => wholeNumber(text, min, max),
  };
}
export const PORT = whole('PORT', 0, 65_535);
const DAY = 86_400_000;
export const count = (min: number, max: number): SettingType<number> => whole('N', min, max);
export const milliseconds = (min: number, max = DAY): SettingType<number> => whole('MS', min, max);

export function wholeNumber(text: string, min: number, max: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new RangeError(`expected a whole number from ${min} to ${max}`);
}

export const HTTP_URL: SettingType<string> = {
  placeholder: 'URL',
  read(text) {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
      throw new RangeError('expected an http or https URL');
    // fetch rejects URLs with credentials.
    if (url.username !== '' || url.password !== '')
      throw new RangeError('expected a URL without credentials');
    return text;
  },
};

export const PUBLIC_URL: SettingType<string> = {
  placeholder: 'URL',
  read: (text) => resourceIdentifier(readResource(text)),
};

/** An issuer is compared letter by letter, so its text stays unchanged. */
export const ISSUERS: SettingType<string[]> = {
  placeholder: 'URL,…',
  schema: LIST,
  read(text) {
    const issuers = items(text);
    for (const issuer of issuers) readResource(issuer.replace(/\/$/, ''));
    return issuers;
  },
};

export const DATABASE_URL: SettingType<string> = { ...text('URL'), secret: holdsPassword };

export const STATE_URL: SettingType<string> = {
  placeholder: 'URL',
  secret: holdsPassword,
  read(text) {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url !== undefined && /^(valkey|redis|rediss|valkeys):$/.test(url.protocol)) return text;
    throw new RangeError('expected a valkey:// or redis:// URL, with TLS valkeys:// or rediss://');
  },
};

export function secret(placeholder: string): SettingType<string> {
  return { ...text(placeholder), secret: true };
}

export const PASSWORD: SettingType<string> = {
  placeholder: 'TEXT',
  secret: true,
  read(text) {
    if (text.length >= 12) return text;
    throw new RangeError('expected at least 12 characters');
  },
};

/** Part of a path, so it has only characters that need no escaping there. */
export const URL_SECRET: SettingType<string> = {
  placeholder: 'SECRET',
  secret: true,
  read(text) {
    if (/^[\w-]{20,200}$/.test(text)) return text;
    throw new RangeError(
      `expected 20 to 200 letters, digits, "-" and "_", received ${text.length} characters`,
    );
  },
};

export const KEYS: SettingType<string[]> = {
  placeholder: 'KEY,…',
  secret: true,
  read(text) {
    const keys = items(text);
    if (keys.every((key) => /^[\w-]{43}$/.test(key))) return keys;
    throw new RangeError(
      `expected 32 bytes in base64url for each key; node -p "crypto.randomBytes(32).toString('base64url')" makes one`,
    );
  },
};

export const CREDENTIALS: SettingType<{ clientId: string; clientSecret: string }> = {
  placeholder: 'ID:SECRET',
  secret: true,
  read(text) {
    const [, clientId, clientSecret] = /^([^:]+):(.+)$/.exec(text) ?? [];
    if (clientId !== undefined && clientSecret !== undefined) return { clientId, clientSecret };
    throw new RangeError('expected CLIENT_ID:CLIENT_SECRET');
  },
};

/** A client that may have no secret. */
export const CLIENT: SettingType<{ id: string; secret?: string }> = {
  placeholder: 'ID[:SECRET]',
  secret: (text) => text.includes(':'),
  read(text) {
    const [, id, secret] = /^([^:]+)(?::(.+))?$/.exec(text) ?? [];
    if (id === undefined) throw new RangeError('expected CLIENT_ID or CLIENT_ID:SECRET');
    return secret === undefined ? { id } : { id, secret };
  },
};

/** `99.9,250`: percent of requests answered, and milliseconds within which 99 % of them are. */
export const SLO: SettingType<{ availabilityPercent: number; p99Ms: number }> = {
  placeholder: 'PERCENT,MS',
  read(text) {
    const [, percent, ms] = /^(\d+(?:\.\d+)?),(\d+)$/.exec(text) ?? [];
    const [availabilityPercent, p99Ms] = [Number(percent), Number(ms)];
    if (availabilityPercent > 0 && availabilityPercent <= 100 && p99Ms > 0)
      return { availabilityPercent, p99Ms };
    throw new RangeError('expected a percentage and milliseconds, like 99.9,250');
  },
};
