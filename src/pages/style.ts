/** The stylesheet that all pages have in common. It asks for nothing from anywhere else. */

export const STYLE = `:root {
  color-scheme: light dark;
  --ink: #1a1c1f;
  --soft: #4c5158;
  --paper: #ffffff;
  --ground: #f1f2f4;
  --line: #c4c8ce;
  --act: #0b57a4;
  --on-act: #ffffff;
  --bad: #a3141c;
  --bad-ground: #fdecec;
  --warn: #5c3c00;
  --warn-ground: #fff3d6;
  --warn-line: #d19a1d;
  --good: #14592b;
  --good-ground: #e5f5ea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e9ebee;
    --soft: #b3b9c1;
    --paper: #1e2125;
    --ground: #131518;
    --line: #4a5059;
    --act: #8ec1f7;
    --on-act: #0b1b2c;
    --bad: #ffb1b1;
    --bad-ground: #3d1719;
    --warn: #ffdf9e;
    --warn-ground: #3b2c0a;
    --warn-line: #8f6d1e;
    --good: #a6e3b8;
    --good-ground: #12301d;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0;
  background: var(--ground);
  color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif;
  overflow-wrap: anywhere;
}
.dev {
  margin: 0;
  padding: 0.5rem 1rem;
  background: var(--warn-ground);
  border-bottom: 2px solid var(--warn-line);
  color: var(--warn);
  text-align: center;
}
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
main {
  max-width: 36rem;
  margin: 1.5rem auto;
  padding: 1.5rem;
  background: var(--paper);
  border: 1px solid var(--line);
  border-radius: 0.5rem;
}
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; }
h2 { margin: 1.5rem 0 0.5rem; font-size: 1.1rem; }
p { margin: 0 0 1rem; }
ul { margin: 0 0 1rem; padding-left: 1.25rem; }
li { margin-bottom: 0.5rem; }
dl { margin: 0 0 1rem; }
dt { color: var(--soft); font-size: 0.9rem; }
dd { margin: 0 0 0.5rem; }
code { font: 0.95em ui-monospace, monospace; }
a { color: var(--act); }
.code { font: 600 1.75rem ui-monospace, monospace; letter-spacing: 0.05em; }
.soft { color: var(--soft); }
.box { margin: 0 0 1rem; padding: 0.75rem 1rem; border-left: 4px solid var(--line); }
.box > :first-child { margin-top: 0; }
.box > :last-child { margin-bottom: 0; }
.warn { background: var(--warn-ground); border-color: var(--warn-line); color: var(--warn); }
.bad { background: var(--bad-ground); border-color: var(--bad); color: var(--bad); }
.good { background: var(--good-ground); border-color: var(--good); color: var(--good); }
.new { padding: 0 0.4rem; border: 1px solid currentColor; border-radius: 0.25rem; font-size: 0.8rem; }
.unseen { padding: 0 0.25rem; border: 1px solid currentColor; border-radius: 0.25rem; font: 0.8rem ui-monospace, monospace; white-space: nowrap; unicode-bidi: isolate; }
label { display: block; margin-bottom: 0.25rem; font-weight: 600; }
input, textarea {
  display: block;
  width: 100%;
  margin: 0 0 1rem;
  padding: 0.6rem;
  border: 1px solid var(--soft);
  border-radius: 0.25rem;
  background: var(--paper);
  color: var(--ink);
  font: inherit;
}
.actions { display: flex; flex-wrap: wrap; gap: 0.75rem; margin-top: 1.5rem; }
button {
  min-height: 2.75rem;
  padding: 0.5rem 1.25rem;
  border: 2px solid var(--act);
  border-radius: 0.25rem;
  background: var(--paper);
  color: var(--act);
  font: inherit;
  font-weight: 600;
  cursor: pointer;
}
button.main { background: var(--act); color: var(--on-act); }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
@media (max-width: 30rem) {
  main { margin: 0; padding: 1rem; border-width: 0 0 1px; border-radius: 0; }
  .actions button { flex: 1 1 100%; }
}
`;
