/** What the approval pages add to the stylesheet that all pages share. */
import { STYLE } from '../../http/style.js';

export const APPROVER_STYLE = `${STYLE}
:root { --good: #14592b; --good-ground: #e5f5ea; }
@media (prefers-color-scheme: dark) { :root { --good: #a6e3b8; --good-ground: #12301d; } }
.top {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  justify-content: space-between;
  gap: 0.5rem 1rem;
  padding: 0.5rem 1rem;
  background: var(--paper);
  border-bottom: 1px solid var(--line);
}
.top form { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1rem; }
main { max-width: 46rem; }
.good { background: var(--good-ground); border-color: var(--good); color: var(--good); }
.aside:empty { display: none; }
table { width: 100%; margin: 0 0 1rem; border-collapse: collapse; }
caption { padding-bottom: 0.25rem; color: var(--soft); font-size: 0.9rem; text-align: left; }
th, td { padding: 0.5rem 0.75rem 0.5rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { color: var(--soft); font-size: 0.9rem; font-weight: 400; }
.arguments th[scope=row] { width: 25%; font-weight: 400; }
.list th[scope=row] { font-weight: 400; }
.list a { display: inline-block; padding: 0.35rem 0; font-weight: 600; }
.list .soft, dd .soft { font-size: 0.9rem; }
.text { white-space: pre-wrap; }
pre { margin: 0.5rem 0 1rem; padding: 0.75rem; background: var(--ground); font: 0.9em/1.4 ui-monospace, monospace; white-space: pre-wrap; }
summary { padding: 0.35rem 0; cursor: pointer; }
details { margin: 0 0 1rem; }
.unseen { padding: 0 0.25rem; border: 1px solid currentColor; border-radius: 0.25rem; font: 0.8rem ui-monospace, monospace; white-space: nowrap; unicode-bidi: isolate; }
textarea {
  display: block;
  width: 100%;
  padding: 0.6rem;
  border: 1px solid var(--soft);
  border-radius: 0.25rem;
  background: var(--paper);
  color: var(--ink);
  font: inherit;
}
button.no { border-color: var(--bad); color: var(--bad); }
`;
