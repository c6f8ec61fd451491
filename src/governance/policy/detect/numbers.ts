/**
 * Social security numbers, payment cards and phone numbers. Every pattern has a bounded length and cannot begin inside
 * a run of digits, which keeps the time linear.
 */

import { type Find, matches, replaceSpans, type Span } from './spans.js';

const GAP = '[ .\\-\\u00a0\\u202f\\u2010-\\u2015]';

const SSN = /\b\d{3}-\d{2}-\d{4}\b/g;
// Parted otherwise, only numbers that may have been issued.
const SSN_BEYOND = new RegExp(
  `(?<![\\w.-])(?!000|666|9\\d\\d)\\d{3}(${GAP})(?!00)\\d{2}\\1(?!0000)\\d{4}(?![\\w-]|\\.\\d)`,
  'g',
);
const SSN_LABELLED = /\b(ssn|social security number)(\W{1,3})\d{9}(?!\w)/gi;

export function findSsns(text: string): readonly Span[] {
  return inTurn(text, [
    (rest) => matches(rest, SSN, '[ssn]'),
    (rest) => matches(rest, SSN_BEYOND, '[ssn]'),
    (rest) => matches(rest, SSN_LABELLED, '[ssn]', behindLabel),
  ]);
}

export function redactSsns(text: string): string {
  return replaceSpans(text, findSsns(text));
}

/** Without gaps; four by four; or as American Express and Diners Club print theirs. */
const CARD = new RegExp(
  '(?<!\\w|\\d\\.)(?:[2-6]\\d{12,18}' +
    `|[2-6]\\d{3}(${GAP})\\d{4}\\1\\d{4}\\1\\d{4}(?:\\1\\d{3})?` +
    `|3\\d{3}(${GAP})\\d{6}\\2\\d{4,5})(?!\\w|\\.\\d)`,
  'g',
);

export function findCards(text: string): readonly Span[] {
  return matches(text, CARD, '[card]', ({ 0: found }) => (luhn(found) ? {} : undefined));
}

export function redactCards(text: string): string {
  return replaceSpans(text, findCards(text));
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
/** Ten digits in a row, where area and exchange can be such: `4294967295` begins with no area. */
const TEN_DIGITS = /(?<![\w.\-/+#$])[2-9][0-8]\d[2-9](?!11)\d{6}(?![\w/-]|\.\d)/g;
const NATIONAL =
  /(?<![\w.\-/:+])(?:0\d{1,4}|\(0\d{1,4}\))([ \-/.\u00a0])\d{2,8}(?:\1\d{2,4}){0,4}(?!\w|[.\-/:]\d)/g;
const PHONE_LABELLED = new RegExp(
  `\\b((?:phone|mobile|cell|tel|telephone|fax|call)(?: number)?)(\\W{1,3})(?:\\d(?:${PHONE_GAP}{0,2}\\d){6,14})(?!\\w)`,
  'gi',
);
/** A local number says little of itself, so it must be the whole text. */
const LOCAL = /^[2-9]\d{2}-\d{4}$/g;

export function findPhones(text: string): readonly Span[] {
  return inTurn(text, [
    (rest) => matches(rest, INTERNATIONAL, '[phone]'),
    (rest) => matches(rest, NORTH_AMERICAN, '[phone]'),
    (rest) => matches(rest, TEN_DIGITS, '[phone]', ({ 0: found }) => (isArea(found) ? {} : undefined)),
    (rest) => matches(rest, NATIONAL, '[phone]', ({ 0: found }) => (isNational(found) ? {} : undefined)),
    (rest) => matches(rest, PHONE_LABELLED, '[phone]', behindLabel),
    (rest) => matches(rest, LOCAL, '[phone]'),
  ]);
}

export function redactPhones(text: string): string {
  return replaceSpans(text, findPhones(text));
}

/** One pattern after the other: what an earlier one has found, a later one does not see. */
function inTurn(text: string, finds: readonly Find[]): readonly Span[] {
  const spans: Span[] = [];
  let rest = text;
  for (const find of finds) {
    const found = find(rest);
    if (found.length === 0) continue;
    spans.push(...found);
    // As long as before, so that places stay, and nothing that any of them would take for a number.
    rest = replaceSpans(
      rest,
      found.map(({ start, end }) => ({
        start,
        end,
        marker: `[${'_'.repeat(Math.max(0, end - start - 2))}]`,
      })),
    );
  }
  return spans.length < 2 ? spans : spans.sort((one, other) => one.start - other.start);
}

function behindLabel(match: RegExpExecArray): { start: number } {
  return { start: match.index + (match[1]?.length ?? 0) + (match[2]?.length ?? 0) };
}

/** Dates have eight digits and stay. */
function isNational(text: string): boolean {
  const digits = text.replace(/\D/g, '').length;
  return digits >= 9 && digits <= 11;
}

/** Areas of the North American Numbering Plan in use, November 2026: the first, or the first and the last of a row. */
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
const AREA = new Set(AREAS.split(' ').flatMap(row));

function row(range: string): number[] {
  const [first = '', last = first] = range.split('-');
  return Array.from({ length: Number(last) - Number(first) + 1 }, (_, at) => Number(first) + at);
}

/** Limits of 32 bits and their neighbours are numbers of programs, though 214 and 858 are areas. */
const POWERS = new Set([31, 32, 33].flatMap((bits) => [2 ** bits - 1, 2 ** bits]).map(String));

const isArea = (phone: string): boolean => AREA.has(Number(phone.slice(0, 3))) && !POWERS.has(phone);
