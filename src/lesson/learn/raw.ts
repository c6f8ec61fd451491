/** Bytes as they went over the wire: each end of a line is shown, and so are the sizes of chunks. Secrets are cut short. */
import { type Html, html } from '../../pages/html.js';
import { visibleData } from '../../pages/visible.js';
import { withoutSecrets } from '../player/visible.js';

const MAX_SHOWN = 32 * 1024;

/** Nothing if there are no bytes. */
export function rawView(bytes: Buffer | undefined): Html | undefined {
  if (bytes === undefined || bytes.length === 0) return undefined;
  return html`<pre class="raw" hidden>${rawBytes(bytes)}</pre>`;
}

function rawBytes(bytes: Buffer): Html {
  const text = withoutSecrets(bytes.toString('utf8', 0, MAX_SHOWN));
  const isChunked = /^transfer-encoding: *chunked/im.test(text);
  const lines = text.split('\n').map((line, at, all) => {
    const hasReturn = line.endsWith('\r');
    const content = hasReturn ? line.slice(0, -1) : line;
    const end = at < all.length - 1 && html`<b class="end">${hasReturn ? 'CR LF' : 'LF'}</b>`;
    const isSize = isChunked && hasReturn && /^[\da-f]{1,8}$/i.test(content);
    return html`<span class="line">${isSize ? html`<b class="size">${content}</b>` : visibleData(content)}${end}${'\n'}</span>`;
  });
  const rest = bytes.length - MAX_SHOWN;
  return html`${lines}${rest > 0 && html`<i class="aside">… ${rest} more bytes</i>`}`;
}
