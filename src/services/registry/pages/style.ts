/** What the registry's pages add to the stylesheet that all pages share. */
import { STYLE } from '../../../pages/style.js';

export const REGISTRY_STYLE = `${STYLE}
:root { --mark: #ffe08a; --on-mark: #1a1c1f; }
@media (prefers-color-scheme: dark) { :root { --mark: #6b5410; --on-mark: #ffffff; } }
html { scroll-padding-top: 1rem; }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem; background: none; border: 0; border-radius: 0; }
main:focus { outline: none; }
.top { padding: 0.5rem 1.5rem; min-height: 3.75rem; }
.top nav a { font-weight: 600; }
.skip { position: absolute; left: 0.5rem; top: -10rem; padding: 0.5rem 1rem; background: var(--paper); }
.skip:focus { top: 0.5rem; z-index: 1; }
.foot { max-width: 76rem; margin: 0 auto; padding: 1rem 1.5rem 2rem; }
.foot a { display: inline-block; margin-right: 1.5rem; padding: 0.35rem 0; font-size: 0.9rem; }
h1 { margin-bottom: 0.5rem; }
h2 { margin: 0 0 0.75rem; font-size: 1.15rem; }
h3 { margin: 0; font-size: 1rem; }
h4 { margin: 1.25rem 0 0.5rem; font-size: 0.95rem; }
.small { font-size: 0.875rem; }
.lead { font-size: 1.1rem; }
.text { white-space: pre-wrap; }
.heard { position: absolute; overflow: hidden; width: 1px; height: 1px; margin: 0; clip-path: inset(50%); white-space: nowrap; }
[hidden] { display: none; }
kbd { padding: 0 0.35rem; border: 1px solid var(--line); border-radius: 0.25rem; background: var(--paper); font: 0.85em ui-monospace, monospace; }
mark { padding: 0 0.1rem; border-radius: 0.15rem; background: var(--mark); color: var(--on-mark); }
time { white-space: nowrap; }
.panel { margin: 0 0 1.5rem; padding: 1rem 1.25rem; background: var(--paper); border: 1px solid var(--line); border-radius: 0.5rem; }
.panel > :last-child { margin-bottom: 0; }
.box { background: var(--paper); }
.box.warn { background: var(--warn-ground); }
.box.bad { background: var(--bad-ground); }
.box.good { background: var(--good-ground); }
.line { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.75rem; margin-bottom: 0.25rem; }
.line h1 { margin: 0; }
main > div > .line { margin-bottom: 0.75rem; }
section + section > h2:first-child { margin-top: 1.75rem; }
.panel.panel > h2:first-child, .side h2 { margin-top: 0; }
.line .aside { margin-left: auto; }
.titled { margin-bottom: 1rem; }
.badge { display: inline-block; padding: 0.05rem 0.5rem; border: 1px solid var(--line); border-radius: 1rem; background: var(--paper); color: var(--soft); font-size: 0.8rem; line-height: 1.35rem; white-space: nowrap; }
.badge.good { background: var(--good-ground); border-color: var(--good); color: var(--good); }
.badge.bad { background: var(--bad-ground); border-color: var(--bad); color: var(--bad); }
.badge.warn { background: var(--warn-ground); border-color: var(--warn-line); color: var(--warn); }
.badge.off { background: var(--ground); border-color: var(--soft); color: var(--ink); }
.badges { display: flex; flex-wrap: wrap; gap: 0.35rem; margin: 0.35rem 0 0; }
.number { color: var(--soft); font-weight: 400; font-variant-numeric: tabular-nums; white-space: nowrap; }
.split { display: grid; grid-template-columns: 16rem minmax(0, 1fr); gap: 2rem; }
.split > * { min-width: 0; }
.joined { display: flex; gap: 0.5rem; }
.joined input { flex: 1; min-width: 0; margin: 0; }
.search { margin: 0 0 1.5rem; }
.search p { margin: 0.35rem 0 0; }
.count { margin: 0 0 0.75rem; }
.filters h3 { margin: 1rem 0 0.25rem; color: var(--soft); font-size: 0.875rem; }
.filters section:first-of-type h3 { margin-top: 0.25rem; }
.filters ul { margin: 0; padding: 0; list-style: none; }
.filters li { margin: 0; }
.filters li a { display: flex; justify-content: space-between; gap: 0.5rem; margin: 0 -0.5rem; padding: 0.2rem 0.5rem; border-radius: 0.25rem; color: var(--ink); text-decoration: none; }
.filters li a:hover { background: var(--paper); text-decoration: underline; }
.filters li a.used { background: var(--paper); box-shadow: inset 3px 0 var(--act); font-weight: 600; }
.filters p { margin: 1rem 0; }
.servers { margin: 0 0 1rem; padding: 0; list-style: none; background: var(--paper); border: 1px solid var(--line); border-radius: 0.5rem; }
.servers > li { margin: 0; padding: 0.85rem 1.25rem; border-bottom: 1px solid var(--line); }
.servers > li:last-child { border: 0; }
.servers p { margin: 0; }
.matched { margin: 0.6rem 0 0; padding: 0 0 0 0.85rem; border-left: 2px solid var(--line); list-style: none; }
.matched li { margin-bottom: 0.4rem; }
.pager { display: flex; justify-content: space-between; align-items: center; gap: 1rem; margin: 0 0 1.5rem; }
.pager a { padding: 0.6rem 0; }
.add { margin-top: 0.5rem; }
.add .small { margin-bottom: 0.5rem; }
.facts dl { margin: 0 0 1rem; }
.facts dd { margin-bottom: 0.6rem; }
.facts code { font-size: 0.85rem; }
.one { white-space: nowrap; }
.short { display: flex; flex-wrap: wrap; gap: 0.25rem 2.5rem; }
.short dd { margin: 0; }
.actions-of form { margin: 0; }
.actions-of button { width: 100%; }
.findings, .history, .limits { margin: 0; padding: 0; list-style: none; }
.findings li { display: flex; gap: 0.75rem; align-items: flex-start; margin: 0 0 0.75rem; }
.findings li:last-child { margin: 0; }
.findings p { margin: 0; }
.findings .badge { flex: 0 0 5rem; text-align: center; }
.history.panel { margin-bottom: 0.75rem; padding: 0.85rem 1.25rem; }
.history li { margin: 0; padding: 0.6rem 0; border-bottom: 1px solid var(--line); }
.history li:first-child { padding-top: 0; }
.history li:last-child { padding-bottom: 0; border: 0; }
.history p { margin: 0; }
.held { border-left: 4px solid var(--warn-line); }
div.held { margin: 0 0 1rem; padding: 0.25rem 0 0.25rem 1rem; }
div.held h4 { margin-top: 0; }
.tool { margin-bottom: 0.75rem; padding: 0; }
.tool > summary { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.6rem; padding: 0.75rem 1.25rem; border-radius: 0.5rem; }
.tool > summary::before { content: ""; flex: none; width: 0.45rem; height: 0.45rem; border: solid var(--soft); border-width: 0 2px 2px 0; transform: rotate(-45deg); }
.tool[open] > summary::before { transform: rotate(45deg); }
.tool > summary::-webkit-details-marker { display: none; }
.tool > summary:hover h3 { text-decoration: underline; }
.line-of { flex: 1 1 100%; padding-left: 1.05rem; font-size: 0.9rem; }
.inside { padding: 0.25rem 1.25rem 1.25rem; scroll-margin-top: 5rem; }
.inside > :last-child { margin-bottom: 0; }
summary { padding: 0.5rem 0; cursor: pointer; }
.inside > details, .confirm { margin: 0.5rem 0 0; }
.confirm { border: 1px solid var(--line); border-radius: 0.25rem; }
.confirm > summary { padding: 0.6rem 1rem; font-weight: 600; }
.confirm > form { padding: 0.5rem 1rem 1rem; }
.inside > .confirm { margin-top: 1.25rem; max-width: 34rem; }
.held form { max-width: 34rem; margin-top: 1rem; }
.scroll { overflow-x: auto; margin: 0 0 0.5rem; border: 1px solid var(--line); border-radius: 0.25rem; }
table { width: 100%; border-collapse: collapse; font-size: 0.9rem; }
caption { padding: 0.5rem 0.75rem; color: var(--soft); text-align: left; }
th, td { padding: 0.5rem 0.75rem; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { background: var(--ground); color: var(--soft); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 400; }
caption.heard + thead th { border-top: 0; }
.schema th[scope=row] { width: 24%; }
.schema td:nth-child(2) { width: 16%; }
.schema td:nth-child(3) { width: 12%; }
.difference th[scope=row] { width: 20%; }
.difference td { width: 40%; }
.limits li { margin: 0; color: var(--soft); }
pre { overflow-x: auto; max-height: 30rem; margin: 0 0 0.5rem; padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: 0.25rem; background: var(--ground); font: 0.85rem/1.5 ui-monospace, monospace; white-space: pre-wrap; }
.copied { position: relative; }
.copied:has(button:not([hidden])) pre { padding-right: 6.5rem; }
.copied button { position: absolute; top: 0.4rem; right: 0.4rem; }
button.no { border-color: var(--bad); color: var(--bad); }
button.quiet { padding: 0.25rem 0.9rem; border-width: 1px; }
[aria-busy=true] { opacity: 0.7; }
@media (max-width: 60rem) {
  main, .foot { padding: 1rem; }
  .split { grid-template-columns: minmax(0, 1fr); gap: 1rem; }
  .filters section { display: flex; align-items: center; gap: 0.5rem; margin-bottom: 0.35rem; }
  .filters h3, .filters section:first-of-type h3 { flex: 0 0 4rem; margin: 0; }
  .filters ul { display: flex; gap: 0.35rem; overflow-x: auto; padding: 0.3rem; }
  .filters li a { margin: 0; padding: 0.4rem 0.75rem; border: 1px solid var(--line); border-radius: 1.25rem; background: var(--paper); white-space: nowrap; }
  .filters li a.used { border-color: var(--act); box-shadow: inset 0 0 0 1px var(--act); }
  .filters p { margin: 0.5rem 0; }
}
@media (max-width: 40rem) {
  thead { position: absolute; overflow: hidden; width: 1px; height: 1px; clip-path: inset(50%); }
  table, tbody, tr, th, td, caption { display: block; }
  tbody tr { padding: 0.6rem 0.75rem; border-top: 1px solid var(--line); }
  tbody th, td { padding: 0 0 0.25rem; border: 0; }
  .schema tr { display: flex; flex-wrap: wrap; gap: 0 0.75rem; }
  .schema th[scope=row], .schema td:nth-child(n), .difference th[scope=row], .difference td { width: auto; }
  .schema td:last-child { flex: 1 1 100%; }
  .difference td::before { content: attr(data-side); display: block; color: var(--soft); font-size: 0.8rem; }
}
@media (max-width: 30rem) {
  .top { padding: 0.5rem 1rem; }
  .top form { flex: 1 1 100%; flex-wrap: nowrap; justify-content: space-between; }
  .top form > span { font-size: 0.9rem; }
  .top form button { flex: none; }
  .panel, .servers > li { padding: 0.85rem 1rem; }
  .tool { padding: 0; }
  .tool > summary, .inside { padding-left: 1rem; padding-right: 1rem; }
  .findings li { flex-direction: column; gap: 0.25rem; }
  .findings .badge { flex: none; }
  .copied:has(button:not([hidden])) pre { padding-right: 1rem; padding-top: 3.5rem; }
}
`;
