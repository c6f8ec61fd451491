/**
 * International bank account numbers: the length of the country and the checksum must be right. Candidates begin at
 * two letters and two digits on their own, and at most one number's length is read from each.
 *
 * @see https://www.swift.com/standards/data-standards/iban-international-bank-account-number
 */

import { matches, replaceSpans, type Span } from './spans.js';

const LENGTHS = new Map(
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
const BEGINNING = /(?<![a-z\d])[a-z]{2}\d{2}(?=[ \-\u00a0]?[a-z\d])/gi;
const GAP = /[ \-\u00a0]/;
const PART = /[a-z\d]/i;

export function findIbans(text: string): readonly Span[] {
  return matches(text, BEGINNING, '[iban]', ({ index }) => {
    const end = ibanEnd(text, index);
    return end === undefined ? undefined : { end };
  });
}

export function redactIbans(text: string): string {
  return replaceSpans(text, findIbans(text));
}

/** Where the account number that begins there ends; undefined when it is none. */
function ibanEnd(text: string, start: number): number | undefined {
  const length = LENGTHS.get(text.slice(start, start + 2).toUpperCase());
  if (length === undefined) return undefined;
  let iban = '';
  let at = start;
  for (; iban.length < length; at += 1) {
    const character = text.charAt(at);
    if (PART.test(character)) iban += character.toUpperCase();
    // One gap at a time.
    else if (!GAP.test(character) || GAP.test(text.charAt(at - 1))) return undefined;
  }
  return PART.test(text.charAt(at)) || !isSound(iban) ? undefined : at;
}

/** ISO 7064, MOD 97-10: the first four characters go to the end, letters count from 10 for A. */
function isSound(iban: string): boolean {
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}
