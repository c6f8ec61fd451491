/**
 * What Slack shows: the card of a call that waits, and what became of it. Whatever comes from a caller stands in plain or
 * preformatted text, where nothing of it is markup, or escaped where Slack knows no other text; and what shows nothing is
 * written out by its number, as on the page.
 *
 * @see https://docs.slack.dev/reference/block-kit/blocks
 */

import { numberOf, replaceUnseen } from '../../../pages/unseen.js';
import { type JsonObject, shorten } from '../../../wire/value.js';
import { type Approval, type Decided, readableReason } from '../approval.js';

export const APPROVE = 'approve';
export const REFUSE = 'refuse';
const OPEN = 'open';
const CUT = 'The arguments are cut off here. Open shows all of them, and there they can be approved.';

/**
 * Slack takes 2000 characters in a field and 3000 in a text, but has been seen to refuse a message of 13200 in all: together
 * these stay well below.
 */
const MAX_FIELD = 300;
const MAX_ARGUMENTS = 2_800;
const MAX_TEXT = 2_000;
/** Five times as long where each character is escaped. */
const MAX_FALLBACK = 600;

/** On one line: a line break in a value would let it look like a field of its own. */
const oneLine = (text: string): string => replaceUnseen(text, (character) => `[${numberOf(character)}]`);
const lines = (text: string): string => text.split('\n').map(oneLine).join('\n');

const plain = (text: string, most: number) => ({
  type: 'plain_text',
  text: shorten(text, most) || ' ',
  emoji: false,
});

const ENTITIES: { [character: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
/** The text of notifications is always read as markup: without these three it can neither link nor call anybody. */
const fallback = (text: string): string =>
  shorten(text, MAX_FALLBACK).replace(/[&<>]/g, (character) => ENTITIES[character] ?? '');

export function cardOf(approval: Approval, pageUrl: string): JsonObject {
  const { id, tool, server, user, clientId, tenant, args, expiresAt } = approval;
  const title = oneLine(`${tool} waits for a person`);
  const given = lines(JSON.stringify(args, undefined, 2) ?? 'null');
  const cut = given.length > MAX_ARGUMENTS;
  return {
    text: fallback(`${title}: ${oneLine(user)} asks by way of ${oneLine(clientId)}`),
    blocks: [
      { type: 'header', text: plain(title, 150) },
      {
        type: 'section',
        fields: [
          ['Asked by', user],
          ['Client', clientId],
          ['Tenant', tenant],
          ['Server', server],
          ['Tool', tool],
          ['Until', timeText(expiresAt)],
        ].map(([name, value = '']) => plain(`${name}\n${oneLine(value)}`, MAX_FIELD)),
      },
      preformatted(given),
      ...(cut ? [{ type: 'context', elements: [plain(CUT, MAX_TEXT)] }] : []),
      { type: 'context', elements: [plain(lines(readableReason(approval)), MAX_TEXT)] },
      {
        type: 'actions',
        elements: [
          ...verdicts(id, tool, cut),
          { type: 'button', action_id: OPEN, text: plain('Open', 75), url: pageUrl },
        ],
      },
    ],
  };
}

/** Nobody approves here what is not shown in full. */
function verdicts(id: string, tool: string, cut: boolean): JsonObject[] {
  const refuse = { type: 'button', action_id: REFUSE, value: id, style: 'danger', text: plain('Refuse', 75) };
  if (cut) return [refuse];
  const confirm = {
    title: plain('Approve this call?', 100),
    text: plain(`${shorten(oneLine(tool), 150)} runs once, with these arguments.`, 300),
    confirm: plain('Approve', 30),
    deny: plain('Not yet', 30),
  };
  return [
    { type: 'button', action_id: APPROVE, value: id, style: 'primary', text: plain('Approve', 75), confirm },
    refuse,
  ];
}

function preformatted(text: string): JsonObject {
  const elements = [{ type: 'text', text: shorten(text, MAX_ARGUMENTS) }];
  return { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements }] };
}

/** To whoever has pressed, and to nobody else; the card stays as it is. */
export function note(text: string): JsonObject {
  return { response_type: 'ephemeral', replace_original: false, text };
}

/** Nothing is left to press, except where the request may still wait for somebody else: of their own, or of another tenant. */
export function outcomeOf(decided: Decided): JsonObject {
  const { approval } = decided;
  const text = outcomeText(decided);
  if (decided.kind === 'not-decided' && (decided.why === 'own' || decided.why === 'unknown'))
    return note(text);
  const blocks: JsonObject[] = [{ type: 'section', text: plain(text, MAX_TEXT) }];
  if (approval !== undefined) blocks.unshift({ type: 'header', text: plain(oneLine(approval.tool), 150) });
  return { replace_original: true, text: fallback(text), blocks };
}

function outcomeText(decided: Decided): string {
  const { approval } = decided;
  if (decided.kind === 'decided') return verdictText(decided.approval);
  switch (decided.why) {
    case 'decided':
      return approval === undefined
        ? 'It was decided before.'
        : `It was decided before. ${verdictText(approval)}`;
    case 'expired':
      return 'Its time has passed; the caller can ask again.';
    case 'own':
      return 'Whoever asks cannot approve it: somebody else has to.';
    case 'unknown':
      return 'There is no such request any more.';
  }
}

function verdictText({ state, decidedBy, decidedAt = 0, user }: Approval): string {
  const verdict = state === 'refused' ? 'Refused' : 'Approved';
  const by = oneLine(decidedBy?.user ?? 'somebody');
  return `${verdict} by ${by} at ${timeText(decidedAt)}, as ${oneLine(user)} has asked.`;
}

function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
