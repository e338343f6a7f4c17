/** The style of the status page: light and dark by what the reader's system prefers, one column on a phone. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ink: #1c1d1f; --paper: #fff; --quiet: #5c6066; --line: #d9dbde; --field: #f5f6f7; --link: #1250aa;
  --down: #b3261e; --fault: #855300; --up: #17663a; --bar-down: #d33a31; --bar-fault: #c58a1b; --bar-up: #2f9e63;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e7e8ea; --paper: #16181b; --quiet: #a3a8af; --line: #34383e; --field: #202327; --link: #8ab4f8;
    --down: #ff8a80; --fault: #ffca6a; --up: #7fd8a0; --bar-down: #ff6b60; --bar-fault: #e0a83a; --bar-up: #46b67c;
  }
}
* { box-sizing: border-box; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 82rem; padding: 1rem; color: var(--ink); background: var(--paper); }
a { color: var(--link); }
h1 { font-size: 1.35rem; margin: 0; }
header, form.filter, .pages, .tally { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: baseline; }
header { justify-content: space-between; margin-bottom: .6rem; }
nav { display: flex; flex-wrap: wrap; gap: 0 1rem; }
.tally { list-style: none; padding: 0; margin: .6rem 0; font-size: 1.05rem; }
.tally a { text-decoration: none; padding: .1rem .6rem; border: 1px solid var(--line); border-radius: 1rem; color: inherit; }
.tally a[aria-current] { border-color: currentColor; background: var(--field); }
form.filter { align-items: end; padding: .7rem; background: var(--field); border-radius: .4rem; }
form.filter label { display: grid; font-size: .85rem; color: var(--quiet); }
input, select, button { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: .3rem; padding: .25rem .5rem; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.quiet { color: var(--quiet); }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { text-align: left; padding: .45rem .8rem .45rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
thead a { color: inherit; white-space: nowrap; }
th[aria-sort=ascending] a::after { content: " ↑"; content: " ↑" / ""; }
th[aria-sort=descending] a::after { content: " ↓"; content: " ↓" / ""; }
footer { margin-top: .8rem; }
th[scope=row] { font-weight: 400; min-width: 11rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
td.number, dd { font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
.state { font-weight: 700; white-space: nowrap; }
.down > .state { color: var(--down); } .fault > .state { color: var(--fault); } .up > .state { color: var(--up); }
.soon { color: var(--fault); }
li.down .state { color: var(--down); } li.up .state { color: var(--up); } li.unknown .state { font-weight: 400; }
code, pre { font: .92em/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: var(--field); padding: .7rem; border-radius: .4rem; overflow-x: auto; }
ul.layers { display: flex; flex-wrap: wrap; gap: .1rem .9rem; list-style: none; margin: 0 0 .2rem; padding: 0; }
caption { text-align: left; }
.strip { display: block; width: 10rem; height: 1.1rem; }
.strip .up { fill: var(--bar-up); } .strip .down { fill: var(--bar-down); } .strip .fault { fill: var(--bar-fault); }
details > summary { cursor: pointer; color: var(--link); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; margin: .3rem 0; }
dt { color: var(--quiet); } dd { margin: 0; }
a[aria-busy]::after { content: " …"; }
dialog { max-width: min(60rem, 95vw); border: 1px solid var(--line); border-radius: .5rem; color: inherit; background: var(--paper); }
dialog pre { margin: 0 0 .7rem; max-height: 70vh; overflow-y: auto; white-space: pre-wrap; }
.live, .when { font-size: .9rem; }
@media (max-width: 48rem) {
  table, tbody, tr, td { display: block; }
  caption { display: block; }
  thead tr { display: flex; flex-wrap: wrap; gap: 0 .9rem; }
  thead tr::before { content: "Sort by"; color: var(--quiet); }
  thead th { border: 0; padding: .1rem 0; }
  thead th:not(:has(a)) { display: none; }
  th[scope=row] { display: block; border: 0; padding: .1rem 0; }
  tr { border-bottom: 1px solid var(--line); padding: .5rem 0; }
  td { border: 0; padding: .1rem 0; }
  .strip { display: inline-block; vertical-align: middle; }
  td[data-name]:not(:empty)::before { content: attr(data-name) ": "; color: var(--quiet); }
}
@media (prefers-reduced-motion: no-preference) { .fresh { animation: fresh 1s; } @keyframes fresh { from { background: var(--field); } } }
`;
