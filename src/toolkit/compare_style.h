// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace xpuruntime::toolkit {

/// How the page of a comparison looks: on a phone (tables become cards), on paper, in the dark. The
/// colours of series are those of Okabe and Ito, which the colour-blind tell apart.
inline constexpr const char* kCompareStyle = R"css(
:root { color-scheme: light dark; --page: #fff; --ink: #1b1f24; --dim: #5b6570; --rule: #d8dee4;
  --panel: #f6f8fa; --good: #1a7f37; --bad: #c62828;
  --s0: #0072b2; --s1: #d55e00; --s2: #009e73; --s3: #b0588c; --s4: #b87f00; --s5: #3a8fc2; }
@media (prefers-color-scheme: dark) {
  :root { --page: #0f1317; --ink: #e6eaef; --dim: #9aa5b1; --rule: #303841; --panel: #181d23;
    --good: #4cc26a; --bad: #ff7b72;
    --s0: #4fa8dd; --s1: #ff8a3d; --s2: #35c79d; --s3: #e29bc4; --s4: #e8b23a; --s5: #8fc9ef; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.25rem 1rem 3rem; max-width: 68rem; background: var(--page);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.1rem; margin: 2.25rem 0 .5rem; }
h3 { font-size: .95rem; margin: 1.25rem 0 .25rem; }
p { margin: .4rem 0; }
.dim { color: var(--dim); } .good { color: var(--good); } .bad { color: var(--bad); }
.verdict { font-size: 1.05rem; padding: .7rem .9rem; border-left: 4px solid; background: var(--panel); }
.verdict p { margin: 0; color: var(--ink); } .verdict strong { color: inherit; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: var(--dim); font-size: .85rem;
  overflow-wrap: normal; }
th, td { padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
th.n, td.n { text-align: right; } td.n { white-space: nowrap; }
.swatch { display: inline-block; width: .7em; height: .7em; margin-right: .4em; border-radius: 2px; }
.chart { position: relative; border-left: 1px solid var(--rule); border-bottom: 1px solid var(--rule); }
.chart svg { display: block; width: 100%; }
.lane { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem;
  padding: .3rem 0 0 .5rem; font-size: .85rem; }
.axis { position: relative; height: 1.5rem; font-size: .8rem; color: var(--dim); }
.axis span { position: absolute; transform: translateX(-50%); white-space: nowrap; padding-top: .15rem; }
.axis span.first { transform: none; } .axis span.last { transform: translateX(-100%); }
.notes { padding: 0; list-style: none; }
.notes li { margin: .4rem 0; padding: .5rem .75rem; background: var(--panel);
  border-left: 3px solid var(--rule); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: .5rem 0; }
dt { color: var(--dim); } dd { margin: 0; }
@media (min-width: 701px) { td.short { white-space: nowrap; } }
@media screen and (max-width: 700px) {
  thead { display: none; }
  tr { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1rem; padding: .5rem 0;
    border-bottom: 1px solid var(--rule); }
  td, td.n { border: 0; padding: .1rem 0; text-align: left; white-space: normal; }
  td.wide, td.short { grid-column: 1 / -1; }
  td[data-label]::before { content: attr(data-label) " "; color: var(--dim); font-size: .85rem; }
  td:empty { display: none; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .4rem; } }
@media print {
  :root { font-size: 12px; } body { max-width: none; padding: 0; font-size: 11px; }
  tr, li, .chart { break-inside: avoid; } h2, h3 { break-after: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
)css";

}  // namespace xpuruntime::toolkit
