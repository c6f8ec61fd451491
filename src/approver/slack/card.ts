/**
 * What Slack shows: the card of a call that waits, and what became of it. Whatever comes from a caller stands in plain or
 * preformatted text, where nothing of it is markup.
 *
 * @see https://docs.slack.dev/reference/block-kit/blocks
 */
import type { Approval, Decided } from '../../approval/approval.js';
import type { JsonObject } from '../../value.js';
import { shorten } from '../../value.js';

export const APPROVE = 'approve';
export const REFUSE = 'refuse';
const OPEN = 'open';

/** Slack refuses a message with more characters in one of these. */
const MOST_FIELD = 2_000;
const MOST_ARGUMENTS = 2_800;
const MOST_TEXT = 3_000;

const plain = (text: string, most = MOST_FIELD) => ({
  type: 'plain_text',
  text: shorten(text, most) || ' ',
  emoji: false,
});

export function cardOf(approval: Approval, pageUrl: string): JsonObject {
  const { id, tool, server, user, clientId, tenant, args, reason, expiresAt } = approval;
  const title = `${tool} waits for a person`;
  return {
    text: shorten(`${title}: ${user} asks by way of ${clientId}`, MOST_TEXT),
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
        ].map(([name, value]) => plain(`${name}\n${value}`)),
      },
      preformatted(JSON.stringify(args, undefined, 2) ?? 'null'),
      { type: 'context', elements: [plain(reason, MOST_TEXT)] },
      {
        type: 'actions',
        elements: [
          ...verdicts(id, tool),
          { type: 'button', action_id: OPEN, text: plain('Open', 75), url: pageUrl },
        ],
      },
    ],
  };
}

function verdicts(id: string, tool: string): JsonObject[] {
  const confirm = {
    title: plain('Approve this call?', 100),
    text: plain(`${tool} runs once, with these arguments.`, 300),
    confirm: plain('Approve', 30),
    deny: plain('Not yet', 30),
  };
  return [
    { type: 'button', action_id: APPROVE, value: id, style: 'primary', text: plain('Approve', 75), confirm },
    { type: 'button', action_id: REFUSE, value: id, style: 'danger', text: plain('Refuse', 75) },
  ];
}

function preformatted(text: string): JsonObject {
  const elements = [{ type: 'text', text: shorten(text, MOST_ARGUMENTS) }];
  return { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements }] };
}

/** In place of the card: nothing is left to press. */
export function outcomeOf(decided: Decided): JsonObject {
  const { approval } = decided;
  const text = outcomeText(decided);
  const blocks: JsonObject[] = [{ type: 'section', text: plain(text, MOST_TEXT) }];
  if (approval !== undefined) blocks.unshift({ type: 'header', text: plain(approval.tool, 150) });
  return { replace_original: true, text, blocks };
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
  return `${verdict} by ${decidedBy?.user ?? 'somebody'} at ${timeText(decidedAt)}, as ${user} has asked.`;
}

function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
