/**
 * Social security numbers, payment cards and phone numbers. Every pattern has a bounded length and cannot begin inside
 * a run of digits, which keeps the time linear.
 */

const GAP = '[ .\\-\\u00a0\\u202f\\u2010-\\u2015]';

const SSN = /\b\d{3}-\d{2}-\d{4}\b/g;
// Parted otherwise, only numbers that may have been issued.
const SSN_BEYOND = new RegExp(
  `(?<![\\w.-])(?!000|666|9\\d\\d)\\d{3}(${GAP})(?!00)\\d{2}\\1(?!0000)\\d{4}(?![\\w-]|\\.\\d)`,
  'g',
);
const SSN_LABELLED = /\b(ssn|social security number)(\W{1,3})\d{9}(?!\w)/gi;

export function redactSsns(text: string): string {
  return text
    .replace(SSN, '[ssn]')
    .replace(SSN_BEYOND, '[ssn]')
    .replace(SSN_LABELLED, (_, label: string, gap: string) => `${label}${gap}[ssn]`);
}

/** Without gaps; four by four; or as American Express and Diners Club print theirs. */
const CARD = new RegExp(
  '(?<!\\w|\\d\\.)(?:[2-6]\\d{12,18}' +
    `|[2-6]\\d{3}(${GAP})\\d{4}\\1\\d{4}\\1\\d{4}(?:\\1\\d{3})?` +
    `|3\\d{3}(${GAP})\\d{6}\\2\\d{4,5})(?!\\w|\\.\\d)`,
  'g',
);

export function redactCards(text: string): string {
  return text.replace(CARD, (found) => (luhn(found) ? '[card]' : found));
}

/** @see https://www.iso.org/standard/70484.html, annex B */
function luhn(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  let sum = 0;
  for (let at = digits.length - 1, double = false; at >= 0; at -= 1, double = !double) {
    const digit = digits.charCodeAt(at) - 48;
    sum += double ? digit * 2 - (digit > 4 ? 9 : 0) : digit;
  }
  return sum % 10 === 0;
}

const PHONE_GAP = '[ .\\-()/\\u00a0\\u202f\\u2010-\\u2015]';
const INTERNATIONAL = new RegExp(`(?<![\\w+/=])[+\\uff0b]\\d(?:${PHONE_GAP}{0,3}\\d){6,14}(?!\\d)`, 'g');
const NORTH_AMERICAN = new RegExp(
  `(?<![\\w+/]|\\d[.-])(?:1${GAP})?(?:\\(\\d{3}\\) ?|\\d{3}${GAP})\\d{3}${GAP}\\d{4}(?!\\w|[-.]\\d)`,
  'g',
);
/** Ten digits in a row, where area and exchange can be such. */
const TEN_DIGITS = /(?<![\w.\-/+#$])[2-9][0-8]\d[2-9](?!11)\d{6}(?![\w/-]|\.\d)/g;
const NATIONAL =
  /(?<![\w.\-/:+])(?:0\d{1,4}|\(0\d{1,4}\))([ \-/.\u00a0])\d{2,8}(?:\1\d{2,4}){0,4}(?!\w|[.\-/:]\d)/g;
const PHONE_LABELLED = new RegExp(
  `\\b((?:phone|mobile|cell|tel|telephone|fax|call)(?: number)?)(\\W{1,3})(?:\\d(?:${PHONE_GAP}{0,2}\\d){6,14})(?!\\w)`,
  'gi',
);
/** A local number says little of itself, so it must be the whole text. */
const LOCAL = /^[2-9]\d{2}-\d{4}$/;

export function redactPhones(text: string): string {
  return text
    .replace(INTERNATIONAL, '[phone]')
    .replace(NORTH_AMERICAN, '[phone]')
    .replace(TEN_DIGITS, '[phone]')
    .replace(NATIONAL, (found) => (isNational(found) ? '[phone]' : found))
    .replace(PHONE_LABELLED, (_, label: string, gap: string) => `${label}${gap}[phone]`)
    .replace(LOCAL, '[phone]');
}

/** Dates have eight digits and stay. */
function isNational(text: string): boolean {
  const digits = text.replace(/\D/g, '').length;
  return digits >= 9 && digits <= 11;
}
