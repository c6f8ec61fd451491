/** What the approval pages add to the stylesheet that all pages share. */
import { STYLE } from '../../../pages/style.js';

export const APPROVER_STYLE = `${STYLE}
main { max-width: 46rem; }
.aside:empty { display: none; }
table { width: 100%; margin: 0 0 1rem; border-collapse: collapse; }
caption { padding-bottom: 0.25rem; color: var(--soft); font-size: 0.9rem; text-align: left; }
th, td { padding: 0.5rem 0.75rem 0.5rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { color: var(--soft); font-size: 0.9rem; font-weight: 400; }
.arguments th[scope=row] { width: 25%; font-weight: 400; }
.list th[scope=row] { width: 35%; font-weight: 400; }
.list a { display: block; font-weight: 600; }
time { white-space: nowrap; }
.list .soft, dd .soft { font-size: 0.9rem; }
.text { white-space: pre-wrap; }
pre { margin: 0.5rem 0 1rem; padding: 0.75rem; background: var(--ground); font: 0.9em/1.4 ui-monospace, monospace; white-space: pre-wrap; }
summary { padding: 0.35rem 0; cursor: pointer; }
details { margin: 0 0 1rem; }
@media (max-width: 30rem) {
  thead { position: absolute; overflow: hidden; width: 1px; height: 1px; clip-path: inset(50%); }
  table, caption, tbody, tr, th, td { display: block; }
  .arguments th[scope=row], .list th[scope=row] { width: auto; }
  .list a { padding: 0.35rem 0; }
  tr { padding: 0.5rem 0; border-bottom: 1px solid var(--line); }
  th, td { padding: 0 0 0.25rem; border: 0; }
}
@media (min-width: 30.01rem) { .list td:last-child { white-space: nowrap; } }
button.no { border-color: var(--bad); color: var(--bad); }
`;
