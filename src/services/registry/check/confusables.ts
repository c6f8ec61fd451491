/**
 * What a text looks like: its skeleton, in which characters that are drawn alike are the same. Compatibility forms
 * (fullwidth, mathematical, enclosed letters) fold by Unicode; for other scripts there is a table of the letters that are
 * drawn as Latin ones. It is bounded on purpose: what it does not know stays as it is.
 *
 * @see https://www.unicode.org/reports/tr39/#Confusable_Detection
 */
import { replaceUnseen } from '../../../pages/unseen.js';

/** Each line: characters, and the Latin ones that they look like, in the same order. */
export const LOOKALIKES: readonly [from: string, to: string][] = [
  // Cyrillic, capitals first: what is drawn alike as a capital need not be so as a small letter.
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
/** Letters in circles and squares that have no compatibility form, and those that flags are made of. */
const ENCLOSED = /[\u{1f150}-\u{1f169}\u{1f170}-\u{1f189}\u{1f1e6}-\u{1f1ff}]/gu;
const PLAIN = /^[\t\n\r\x20-\x7e]*$/;

/** The text as it is read: without what shows nothing, in the Latin letters that it looks like, without accents. */
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

/** Of a name, whose case and whose `0`, `1` and `rn` fool a reader as well; two names of one skeleton look alike. */
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
