/**
 * The messages for Slack: the card of a call that waits, and its outcome. Values from a caller are in plain or preformatted text,
 * where nothing is markup, or escaped where Slack accepts only markup. Invisible characters are replaced by their number, and
 * letters that pass for those of another alphabet are named, as on the page.
 *
 * @see https://docs.slack.dev/reference/block-kit/blocks
 */
import { numberOf, replaceUnseen } from '../../../pages/unseen.js';
import { unmistakableJsonText, unmistakableText } from '../../../pages/visible.js';
import { type JsonObject, shorten } from '../../../wire/value.js';
import { type Approval, type DecisionResult, readableReason } from '../approval.js';
import { callerStep } from '../caller-step.js';

export const APPROVE = 'approve';
export const REFUSE = 'refuse';
const CUT = 'The arguments are cut off here. Open shows all of them, and there they can be approved.';
const MASKED =
  'Some arguments are masked here. Open shows them to approvers, and there they can be approved.';

/** Slack accepts 2000 characters in a field and 3000 in a text, but refused a message of 13200: together these stay well below. */
const MAX_FIELD = 300;
const MAX_ARGUMENTS = 2_800;
const MAX_TEXT = 2_000;
/** Escaping makes each character up to five times as long. */
const MAX_FALLBACK = 600;

/** On one line, because a line break in a value would make it look like a field of its own. */
const oneLine = (text: string): string =>
  replaceUnseen(unmistakableText(text), (character) => `[${numberOf(character)}]`);
const lines = (text: string): string => text.split('\n').map(oneLine).join('\n');

const plain = (text: string, max: number) => ({
  type: 'plain_text',
  text: shorten(text, max) || ' ',
  emoji: false,
});

const ENTITIES: { [character: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
/** The text of notifications is always markup: without these three characters it can neither link nor mention anybody. */
const fallback = (text: string): string =>
  shorten(text, MAX_FALLBACK).replace(/[&<>]/g, (character) => ENTITIES[character] ?? '');

export function cardOf(approval: Approval, pageUrl: string): JsonObject {
  const { id, tool, server, user, clientId, tenant, args, masked, expiresAt } = approval;
  const title = oneLine(`${tool} waits for a person`);
  const argsText = unmistakableJsonText(JSON.stringify(args, undefined, 2) ?? 'null');
  const isCut = argsText.length > MAX_ARGUMENTS;
  return {
    text: fallback(`${title}: requested by ${oneLine(user)} with ${oneLine(clientId)}`),
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
      preformatted(argsText),
      ...(isCut || masked === true
        ? [{ type: 'context', elements: [plain(isCut ? CUT : MASKED, MAX_TEXT)] }]
        : []),
      { type: 'context', elements: [plain(lines(readableReason(approval)), MAX_TEXT)] },
      {
        type: 'actions',
        elements: [
          ...verdictButtons(id, tool, isCut || masked === true),
          { type: 'button', action_id: 'open', text: plain('Open', 75), url: pageUrl },
        ],
      },
    ],
  };
}

/** A call whose arguments are not shown in full cannot be approved here. */
function verdictButtons(id: string, tool: string, isPartial: boolean): JsonObject[] {
  const refuse = { type: 'button', action_id: REFUSE, value: id, style: 'danger', text: plain('Refuse', 75) };
  if (isPartial) return [refuse];
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

/** Only the person who pressed the button sees it; the card stays as it is. */
export function note(text: string): JsonObject {
  return { response_type: 'ephemeral', replace_original: false, text };
}

/** Replaces the card and its buttons, unless the request still waits for somebody else: it is their own, or of another tenant. */
export function outcomeOf(result: DecisionResult): JsonObject {
  const { approval } = result;
  const text = outcomeText(result);
  if (result.kind === 'not-decided' && ['own', 'unknown', 'masked'].includes(result.why)) return note(text);
  const blocks: JsonObject[] = [{ type: 'section', text: plain(text, MAX_TEXT) }];
  if (approval !== undefined) blocks.unshift({ type: 'header', text: plain(oneLine(approval.tool), 150) });
  return { replace_original: true, text: fallback(text), blocks };
}

function outcomeText(result: DecisionResult): string {
  if (result.kind === 'decided')
    return [verdictText(result.approval), callerStep(result.approval) ?? []].flat().join(' ');
  const { why, approval } = result;
  switch (why) {
    case 'decided':
      return `It was decided before.${approval === undefined ? '' : ` ${verdictText(approval)}`}`;
    case 'expired':
      return 'The request has expired. The caller can send the call again.';
    case 'own':
      return 'You cannot approve your own request: somebody else has to.';
    case 'masked':
      return 'Some of its arguments are masked here: open the page to see them and to approve.';
    case 'unknown':
      return 'This request no longer exists.';
  }
}

function verdictText({ state, decidedBy, decidedAt = 0, user }: Approval): string {
  const verdict = state === 'refused' ? 'Refused' : 'Approved';
  const by = oneLine(decidedBy?.user ?? 'somebody');
  return `${verdict} by ${by} at ${timeText(decidedAt)}; requested by ${oneLine(user)}.`;
}

function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
