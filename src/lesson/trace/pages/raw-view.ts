/** The raw and the hexadecimal view of an exchange. */
import { type Html, html } from '../../../pages/html.js';
import { visible } from '../../../pages/visible.js';
import type { TracedExchange } from '../exchange.js';
import { bytesOf, type RawPart, rawAnswer, rawRequest } from '../raw.js';

/** Bytes that the hexadecimal view shows of a message. */
const MAX_HEX = 8 * 1024;
const PER_LINE = 16;

const BREAKS: { [text: string]: string } = { '\r\n': 'CR LF', '\n': 'LF' };

export function rawView(exchange: TracedExchange): Html {
  return html`<p class="soft">Every byte in its order, with the ends of lines and the sizes of chunks. What is masked has another length than on the wire, and Node does not keep the spaces around a header's value.</p>
${both(exchange, (parts) => html`<pre class="raw" tabindex="0">${parts.map(rawPart)}</pre>`)}`;
}

export function hexView(exchange: TracedExchange): Html {
  return html`<p class="soft">Offset, bytes, and the same bytes as text. The offsets count what is stored: what is masked has another length on the wire.</p>
${both(exchange, (parts) => html`<pre class="hex" tabindex="0">${hexLines(parts)}</pre>`)}`;
}

function both(exchange: TracedExchange, view: (parts: readonly RawPart[]) => Html): Html {
  const answer = rawAnswer(exchange);
  return html`<section class="sent" aria-labelledby="request"><h3 id="request">Request</h3>${view(rawRequest(exchange))}</section>
<section class="came" aria-labelledby="response"><h3 id="response">Response</h3>${answer.length === 0 ? html`<p class="soft">Nothing has come back yet.</p>` : view(answer)}</section>`;
}

function rawPart({ kind, text }: RawPart): Html {
  if (kind === 'break') return html`<b class="end">${BREAKS[text]}</b>${'\n'}`;
  if (kind === 'remark') return html`<i class="aside"> ${text} </i>`;
  return kind === 'size' ? html`<b class="size">${text}</b>` : html`<span>${visible(text)}</span>`;
}

function hexLines(parts: readonly RawPart[]): Html {
  const bytes = bytesOf(parts);
  const shownBytes = bytes.subarray(0, MAX_HEX);
  const rows: Html[] = [];
  for (let at = 0; at < shownBytes.length; at += PER_LINE)
    rows.push(hexLine(shownBytes.subarray(at, at + PER_LINE), at));
  const explanations = parts.filter(({ kind, text }) => kind === 'remark' && !text.startsWith('a chunk'));
  const cut =
    bytes.length > MAX_HEX &&
    html`<i class="aside">… ${bytes.length - MAX_HEX} more bytes are stored</i>${'\n'}`;
  return html`${rows}${cut}${explanations.map(({ text }) => html`<i class="aside">${text}</i>${'\n'}`)}`;
}

function hexLine(bytes: Buffer, at: number): Html {
  const pairs = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
  const halves = [pairs.slice(0, PER_LINE / 2), pairs.slice(PER_LINE / 2)].map((half) => half.join(' '));
  const text = bytes.toString('latin1').replace(/[^ -~]/g, '.');
  const width = PER_LINE * 3;
  return html`<i class="aside">${at.toString(16).padStart(4, '0')}</i>  ${halves.join('  ').padEnd(width)}  <span>${text}</span>${'\n'}`;
}
