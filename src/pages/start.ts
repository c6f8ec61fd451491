/** The first page: what barewire is, and where to go from here. */
import { bar, type Links, type Page } from './bar.js';
import { type Html, html, htmlDocument } from './html.js';

export const START_PATH = '/';
export const START_STYLE_PATH = '/start.css';

/** `commands`: to be pasted into a terminal, in this order. `isTraced`: whether the process has a trace. */
export type StartView = { commands: readonly string[]; isTraced: boolean };

export function startPage({ commands, isTraced }: StartView): Page {
  return (links) =>
    htmlDocument(
      'barewire: MCP on the bare wire',
      START_STYLE_PATH,
      undefined,
      html`${bar('start', { ...links, start: START_PATH })}
<main id="main" tabindex="-1" class="wide">
<h1>MCP on the bare wire</h1>
<p class="lead">barewire is the Model Context Protocol written by hand, without an SDK, so that you can follow every byte. Its servers have real tools; a call needs an access token, a policy decides it, and a person approves what changes something. All of it runs on this machine, and is yours to try and to break.</p>
${links.learn !== undefined && html`<p class="actions"><a class="btn go" href="${links.learn}">Learn MCP by speaking it</a></p>`}
<ul class="rows">${placesOf(links, isTraced).map(placeItem)}</ul>
<h2>From a terminal</h2>
<p>Get an access token, and call a tool with it:</p>
<pre tabindex="0" role="group" aria-label="Commands">${commands.join('\n\n')}</pre>
</main>`,
    );
}

type Place = { name: string; address?: string | undefined; line: Html };

function placesOf(links: Links, isTraced: boolean): Place[] {
  const { approvals, registry, signin } = links;
  const trace = isTraced
    ? html`The last 100 exchanges, byte by byte, with the reason for each byte. Its address contains a secret: it is in the terminal where the servers were started.`
    : html`Every request, byte by byte, with the reason for each. Start with <code>npm start -- --trace</code>, and open the address that it prints.`;
  return [
    { name: 'Trace', line: trace },
    ...(approvals === undefined
      ? []
      : [
          {
            name: 'Approvals',
            address: approvals,
            line: html`Calls that change something wait here for a person.`,
          },
        ]),
    ...(registry === undefined
      ? []
      : [
          {
            name: 'Registry',
            address: registry,
            line: html`Which servers and tools there are, who owns them, and what has changed.`,
          },
        ]),
    ...(signin === undefined
      ? []
      : [
          {
            name: 'Authorization server',
            address: signin,
            line: html`Issues the tokens, for made-up people. For development only.`,
          },
        ]),
  ];
}

function placeItem({ name, address, line }: Place): Html {
  return html`<li><h2>${address === undefined ? name : html`<a href="${address}">${name}</a>`}</h2><p class="soft">${line}</p></li>`;
}
