/** What the trace's page adds to the stylesheet that all pages share. */
import { STYLE } from '../../../pages/style.js';

export const TRACE_STYLE = `${STYLE}
:root { --told: #ffe08a; --on-told: #1a1c1f; }
@media (prefers-color-scheme: dark) { :root { --told: #6b5410; --on-told: #ffffff; } }
[hidden] { display: none; }
.skip { position: absolute; left: 0.5rem; top: -10rem; padding: 0.5rem 1rem; background: var(--paper); }
.skip:focus { top: 0.5rem; z-index: 2; }
.top { padding: 0.5rem 1.5rem; }
.top h1 { margin: 0; font-size: 1.15rem; }
.top h1 a { color: inherit; text-decoration: none; }
.top h1 a:hover { text-decoration: underline; }
.top p { margin: 0; font-size: 0.9rem; }
.split { display: grid; grid-template-columns: 21rem minmax(0, 1fr); max-width: 96rem; margin: 0 auto; }
#list { padding: 1rem; border-right: 1px solid var(--line); }
#list ol { position: sticky; top: 1rem; max-height: calc(100vh - 2rem); overflow-y: auto; margin: 0; padding: 0.25rem; list-style: none; }
#list li { margin: 0; }
#list a { display: block; padding: 0.5rem 0.75rem; border-radius: 0.35rem; color: var(--ink); text-decoration: none; }
#list a:hover { background: var(--paper); }
#list a[aria-current] { background: var(--paper); box-shadow: inset 3px 0 var(--act); }
.what { display: block; }
.how { display: block; color: var(--soft); font-size: 0.85rem; }
.status { display: inline-block; min-width: 2.6rem; padding: 0 0.35rem; border: 1px solid var(--line); border-radius: 0.25rem; text-align: center; font-variant-numeric: tabular-nums; }
.status.good { background: var(--good-ground); border-color: var(--good); color: var(--good); }
.status.bad { background: var(--bad-ground); border-color: var(--bad); color: var(--bad); }
.status.warn { background: var(--warn-ground); border-color: var(--warn-line); color: var(--warn); }
main { max-width: none; min-width: 0; margin: 0; padding: 1.25rem 1.5rem; background: none; border: 0; border-radius: 0; }
main:focus { outline: none; }
h2 { margin: 0 0 0.5rem; font-size: 1.25rem; }
h3 { margin: 1.25rem 0 0.5rem; font-size: 1rem; }
.panel { margin: 0 0 1rem; padding: 0.85rem 1.1rem; background: var(--paper); border: 1px solid var(--line); border-radius: 0.5rem; }
.panel h3 { margin-top: 0; }
.panel > :last-child { margin-bottom: 0; }
.actions { align-items: center; margin: 0 0 0.5rem; }
.button { display: inline-flex; align-items: center; min-height: 2.75rem; padding: 0.5rem 1.25rem; border: 2px solid var(--act); border-radius: 0.25rem; background: var(--paper); font-weight: 600; text-decoration: none; }
summary { padding: 0.4rem 0; cursor: pointer; }
summary h3 { display: inline; }
.note { position: sticky; top: 0.5rem; z-index: 1; min-height: 8.6rem; margin-top: 0.5rem; box-shadow: 0 2px 6px rgb(0 0 0 / 20%); }
.note dl, .note p { margin: 0; }
.note dd, #meanings dd { margin: 0 0 0.25rem; }
dt { color: var(--ink); font-weight: 600; }
pre { margin: 0; padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: 0.35rem; background: var(--paper); font: 0.85rem/1.6 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; scroll-margin-top: 10rem; }
.noted { color: var(--act); text-decoration: underline dotted; text-underline-offset: 0.2em; scroll-margin: 11rem 0 2rem; }
.noted:hover { text-decoration-style: solid; }
.told { background: var(--told); color: var(--on-told); }
.aside { color: var(--soft); }
.pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem; margin-top: 1rem; }
.facts { margin: 0 0 0.75rem; padding: 0 0 0 0.75rem; border-left: 4px solid var(--good); list-style: none; }
.facts.no { border-color: var(--bad); }
.facts li { margin: 0 0 0.25rem; }
.stages { width: 100%; border-collapse: collapse; font-size: 0.9rem; }
.stages caption { padding-bottom: 0.4rem; color: var(--soft); text-align: left; }
.stages th { width: 8rem; padding: 0.1rem 0.5rem 0.1rem 0; text-align: left; font-weight: 400; }
.bar svg { display: block; width: 100%; height: 1rem; background: var(--ground); }
.bar rect { fill: var(--act); }
.number { width: 5rem; text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.scroll { overflow: auto; max-height: 32rem; border: 1px solid var(--line); border-radius: 0.5rem; background: var(--paper); }
.sequence { display: block; margin: 0 auto; }
.sequence text { fill: var(--ink); font: 12px system-ui, sans-serif; }
.sequence text { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; }
.sequence .lane { font-weight: 600; }
.sequence .life { stroke: var(--line); stroke-width: 2; }
.sequence path { fill: none; stroke: var(--soft); stroke-width: 1.5; }
.sequence .back path:first-child, .sequence .token path:first-child { stroke-dasharray: 5 4; }
.sequence .fine .back text { fill: var(--good); }
.sequence .refused .back text { fill: var(--bad); }
.sequence .token text { fill: var(--soft); }
.sequence .chosen path { stroke: var(--act); stroke-width: 2.5; }
.sequence .chosen text { fill: var(--act); font-weight: 600; }
section[aria-labelledby=conversation] { margin-top: 1.75rem; }
@media (max-width: 60rem) {
  .split { grid-template-columns: minmax(0, 1fr); }
  #list { border-right: 0; border-bottom: 1px solid var(--line); }
  #list ol { position: static; max-height: 16rem; }
  .pair { grid-template-columns: minmax(0, 1fr); gap: 0; }
}
@media (max-width: 30rem) {
  .top, main { padding-left: 1rem; padding-right: 1rem; }
  #list { padding: 0.5rem; }
  pre { padding: 0.5rem 0.6rem; font-size: 0.8rem; }
  .stages { font-size: 0.85rem; }
  .stages th { width: 7rem; white-space: nowrap; }
  .number { width: 4.5rem; }
  .note { top: 0; min-height: 7.5rem; max-height: 40vh; overflow-y: auto; font-size: 0.9rem; }
}
`;
