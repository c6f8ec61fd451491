/**
 * Social security numbers, bank accounts, payment cards and phone numbers. Every pattern has a bounded length and cannot begin
 * inside a run of digits, which keeps the time linear.
 */
import type { Row, Span } from './spans.js';

const GAP = '[ .\\-\\u00a0\\u202f\\u2010-\\u2015]';

const SSN = /\b\d{3}-\d{2}-\d{4}\b/g;
// With other separators, only numbers that may have been issued.
const SSN_BEYOND = new RegExp(
  `(?<![\\w.-])(?!000|666|9\\d\\d)\\d{3}(${GAP})(?!00)\\d{2}\\1(?!0000)\\d{4}(?![\\w-]|\\.\\d)`,
  'g',
);
const SSN_LABELLED = /\b(?<before>(?:ssn|social security number)\W{1,3})\d{9}(?!\w)/gi;

/** Two letters and two digits; at most one account number's length is read from each. */
const IBAN_START = /(?<![a-z\d])[a-z]{2}\d{2}(?=[ \-\u00a0]?[a-z\d])/gi;
const IBAN_GAP = /[ \-\u00a0]/;
const IBAN_PART = /[a-z\d]/i;
const IBAN_LENGTHS = new Map(
  (
    'NO15 BE16 DK18 FI18 FK18 FO18 GL18 NL18 SD18 MK19 SI19 AT20 BA20 EE20 KZ20 LT20 LU20 MN20 XK20 ' +
    'CH21 HR21 LI21 LV21 BG22 BH22 CR22 DE22 GB22 GE22 IE22 ME22 RS22 VA22 AE23 GI23 IL23 IQ23 OM23 SO23 TL23 ' +
    'AD24 CZ24 ES24 MD24 PK24 RO24 SA24 SE24 SK24 TN24 VG24 LY25 PT25 ST25 IS26 TR26 ' +
    'BI27 DJ27 FR27 GR27 IT27 MC27 MR27 SM27 AL28 AZ28 BY28 CY28 DO28 GT28 HN28 HU28 LB28 NI28 PL28 SV28 ' +
    'BR29 EG29 PS29 QA29 UA29 JO30 KW30 MU30 YE30 MT31 SC31 LC32 RU33'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/**
 * International bank account numbers have the length of their country and a valid checksum.
 *
 * @see https://www.swift.com/standards/data-standards/iban-international-bank-account-number
 */
function ibanBounds({ index, input: text }: RegExpExecArray): Partial<Span> | undefined {
  const length = IBAN_LENGTHS.get(text.slice(index, index + 2).toUpperCase());
  if (length === undefined) return undefined;
  let iban = '';
  let at = index;
  for (; iban.length < length; at += 1) {
    const character = text.charAt(at);
    if (IBAN_PART.test(character)) iban += character.toUpperCase();
    // One gap at a time.
    else if (!IBAN_GAP.test(character) || IBAN_GAP.test(text.charAt(at - 1))) return undefined;
  }
  return IBAN_PART.test(text.charAt(at)) || !hasValidChecksum(iban) ? undefined : { end: at };
}

/** ISO 7064, MOD 97-10: the first four characters go to the end, letters count from 10 for A. */
function hasValidChecksum(iban: string): boolean {
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** Without gaps; four by four; or in the groups of American Express and Diners Club. */
const CARD = new RegExp(
  '(?<!\\w|\\d\\.)(?:[2-6]\\d{12,18}' +
    `|[2-6]\\d{3}(${GAP})\\d{4}\\1\\d{4}\\1\\d{4}(?:\\1\\d{3})?` +
    `|3\\d{3}(${GAP})\\d{6}\\2\\d{4,5})(?!\\w|\\.\\d)`,
  'g',
);

/** @see https://www.iso.org/standard/70484.html, annex B */
function passesLuhn(text: string): boolean {
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
/** Ten digits in a row that may be area and exchange: `4294967295` begins with no area. */
const TEN_DIGITS = /(?<![\w.\-/+#$])[2-9][0-8]\d[2-9](?!11)\d{6}(?![\w/-]|\.\d)/g;
const NATIONAL =
  /(?<![\w.\-/:+])(?:0\d{1,4}|\(0\d{1,4}\))([ \-/.\u00a0])\d{2,8}(?:\1\d{2,4}){0,4}(?!\w|[.\-/:]\d)/g;
const PHONE_LABELLED = new RegExp(
  `\\b(?<before>(?:phone|mobile|cell|tel|telephone|fax|call)(?: number)?\\W{1,3})(?:\\d(?:${PHONE_GAP}{0,2}\\d){6,14})(?!\\w)`,
  'gi',
);
/** A local number is too short to be recognised inside a text, so it must be the whole text. */
const LOCAL = /^[2-9]\d{2}-\d{4}$/g;

/** Dates have eight digits and stay. */
function isNational(phone: string): boolean {
  const digits = phone.replace(/\D/g, '').length;
  return digits >= 9 && digits <= 11;
}

/** Areas of the North American Numbering Plan in use, November 2026, as single numbers and ranges. */
const AREAS =
  '201-210 212-220 223-229 231 234-236 239-240 242 246 248-254 256-257 260 262-263 267-270 272-274 276 ' +
  '279 281 283-284 289 301-310 312-321 323-327 329-332 334 336-337 339-341 343 345-347 350-354 360-361 ' +
  '363-365 367-369 380 382 385-386 401-410 412-419 423-425 428 430-432 434-435 437-438 440-443 445 ' +
  '447-448 450 458 463-464 468-470 472-475 478-480 484 500-510 512-534 539-541 544 548 551 557 559 ' +
  '561-564 566-567 570-575 577 579-582 584-588 600-610 612-620 622-623 626 628-631 633 636 639-641 ' +
  '645-647 649-651 656-662 667 669-672 678 680-683 686 689 701-709 712-720 724-728 730-732 734 737-738 ' +
  '740 742-743 747-748 753-754 757-758 760 762-763 765 767 769-775 778-782 784-787 800-810 812-821 ' +
  '825-826 828-833 835 838-840 843-845 847-850 854-860 862-870 872-873 876-879 888 900-910 912-920 925 ' +
  '928-931 934 936-943 945 947-949 951-952 954 956 959 970-973 975 978-980 983-986 989';
const AREA_RANGES = AREAS.split(' ').map((range) => range.split('-').map(Number));

/** The limits of 32-bit integers and their neighbours look like phone numbers: 214 and 858 are areas. */
const POWERS = new Set([31, 32, 33].flatMap((bits) => [2 ** bits - 1, 2 ** bits]).map(String));

function hasArea(phone: string): boolean {
  const area = Number(phone.slice(0, 3));
  const isArea = AREA_RANGES.some(([first = 0, last = first]) => area >= first && area <= last);
  return isArea && !POWERS.has(phone);
}

const WHOLE: Partial<Span> = {};

export const SSNS: readonly Row[] = [
  { marker: '[ssn]', pattern: SSN },
  { marker: '[ssn]', pattern: SSN_BEYOND },
  { marker: '[ssn]', pattern: SSN_LABELLED },
];
export const IBANS: readonly Row[] = [{ marker: '[iban]', pattern: IBAN_START, judge: ibanBounds }];
export const CARDS: readonly Row[] = [
  { marker: '[card]', pattern: CARD, judge: ({ 0: number }) => (passesLuhn(number) ? WHOLE : undefined) },
];
export const PHONES: readonly Row[] = [
  { marker: '[phone]', pattern: INTERNATIONAL },
  { marker: '[phone]', pattern: NORTH_AMERICAN },
  { marker: '[phone]', pattern: TEN_DIGITS, judge: ({ 0: number }) => (hasArea(number) ? WHOLE : undefined) },
  {
    marker: '[phone]',
    pattern: NATIONAL,
    judge: ({ 0: number }) => (isNational(number) ? WHOLE : undefined),
  },
  { marker: '[phone]', pattern: PHONE_LABELLED },
  { marker: '[phone]', pattern: LOCAL },
];
