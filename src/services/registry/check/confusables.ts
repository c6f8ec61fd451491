/**
 * What a text looks like: its skeleton, in which characters that are drawn alike are the same. Unicode folds compatibility
 * forms (fullwidth, mathematical, enclosed letters); a table maps letters of other scripts that look Latin. The table is
 * small on purpose: characters that it does not contain stay as they are.
 *
 * @see https://www.unicode.org/reports/tr39/#Confusable_Detection
 */
import { replaceUnseen } from '../../../pages/unseen.js';

/** Per line: characters, and the Latin ones that they look like, in the same order. */
export const LOOKALIKES: readonly [from: string, to: string][] = [
  // Cyrillic, capitals first: a capital may look Latin when its small letter does not.
  ['АВЕЅІЇЈКМНОРСТУХЗԌЬҮԚԜ', 'ABESIIJKMHOPCTYX3GbYQW'],
  ['авеѕіїјкмнорстухзԁԛԝһӏьѵүґг', 'abesiijkmhopctyx3dqwhlbvyrr'],
  // Greek
  ['ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', 'ABEZHIKMNOPTYX'],
  ['αβγεηικνορστυχωϲϳµμ', 'abyenikvopotuxwcjuu'],
  // Armenian, Coptic
  ['օոսհցզյլՕՏՍ', 'onuhgqjlOSU'],
  ['ⲞⲟⲢⲣⲤⲥⲬⲭⲀⲔⲏ', 'OoPpCcXxAKn'],
  // Cherokee and Lisu, which have capitals only
  ['ᎪᏴᏟᎠᎬᏀᎻᎥᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃ', 'ABCDEGHiJKLMPRSTVWZ'],
  ['ꓮꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜ', 'ABCDEFGHIJKLMNOPRSTUVWXYZ'],
  // Latin letters of other alphabets, and small capitals
  ['ıɩɪłøđħŧƒɑɡƖǀ', 'iiilodhtfagll'],
  ['ᴀʙᴄᴅᴇꜰɢʜᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ', 'abcdefghjklmnoprstuvwyz'],
  // Marks
  ['‘’‚‛′`´ʼʹ“”„‟″', "'''''''''\"\"\"\"\""],
  ['‐‑‒–—―−', '-------'],
];
const LIKE = new Map<string, string>();
for (const [from, to] of LOOKALIKES) {
  const letters = [...to];
  for (const [at, character] of [...from].entries()) LIKE.set(character, letters[at] ?? character);
}
const KNOWN = new RegExp(`[${[...LIKE.keys()].join('').replace(/[\]\\^-]/g, '\\$&')}]`, 'gu');
/** Letters in circles and squares without a compatibility form, and the letters that flags are made of. */
const ENCLOSED = /[\u{1f150}-\u{1f169}\u{1f170}-\u{1f189}\u{1f1e6}-\u{1f1ff}]/gu;
const PLAIN = /^[\t\n\r\x20-\x7e]*$/;

/** The text as people read it: without invisible characters and accents, in the Latin letters that it looks like. */
export function looksLike(text: string): string {
  if (PLAIN.test(text)) return text.replaceAll('`', "'");
  return replaceUnseen(text, (character) => (/[\n\t\r]/.test(character) ? character : ''))
    .normalize('NFKC')
    .replace(KNOWN, (character) => LIKE.get(character) ?? character)
    .replace(ENCLOSED, letterIn)
    .normalize('NFD')
    .replace(/\p{Mn}+/gu, '')
    .replace(KNOWN, (character) => LIKE.get(character) ?? character);
}

/** Two names with one skeleton look alike; case, `0`, `1` and `rn` fool a reader too. */
export function skeletonOf(name: string): string {
  return looksLike(name)
    .replace(/[I|1!]/g, 'l')
    .toLowerCase()
    .replace(/i/g, 'l')
    .replace(/0/g, 'o')
    .replace(/5/g, 's')
    .replace(/rn/g, 'm')
    .replace(/vv/g, 'w')
    .replace(/cl/g, 'd')
    .replace(/[-_. ]+/g, '-');
}

function letterIn(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const first = [0x1f150, 0x1f170, 0x1f1e6].findLast((one) => one <= code) ?? code;
  return String.fromCharCode(97 + code - first);
}
