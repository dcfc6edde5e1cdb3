"""The officer's table as one HTML page that asks nothing of anybody: no script, no font, no picture from elsewhere."""

from collections.abc import Iterable
from datetime import date

from markupsafe import Markup

from auth.policy.conditions import Access
from auth.policy.policy_set import PolicySet
from auth.policy.profiles import ReviewedCaller
from auth.policy.review.table import FACT_TEXTS, Cell, by_asker
from auth.policy.rules import Rule

_STYLE = Markup("""
:root { --ink: #1c2430; --dim: #6b7686; --line: #dfe4ea; --page: #fff; --head: #f4f6f9;
  --always: #e3f4e8; --always-ink: #14602d; --some: #fff4d6; --some-ink: #7a4d00; --sensitive: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7ebf0; --dim: #95a1b1; --line: #323b47; --page: #14181e;
  --head: #1d232b; --always: #17351f; --always-ink: #9fe0b2; --some: #3a2f12; --some-ink: #ffd98a;
  --sensitive: #ff9a92; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem; max-width: 120rem; color: var(--ink); background: var(--page);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { margin: 0; font-size: 1.6rem; } h2 { margin: 2.5rem 0 .75rem; font-size: 1.15rem; }
p { margin: .25rem 0; } .dim, small { color: var(--dim); } code { font: .85em ui-monospace, Menlo, monospace; }
.scroll { overflow: auto; max-height: 85vh; border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: separate; border-spacing: 0; width: 100%; }
th, td { padding: .5rem .65rem; text-align: left; vertical-align: top; border: 0 solid var(--line);
  border-width: 0 1px 1px 0; }
thead th { position: sticky; top: 0; background: var(--head); z-index: 2; font-weight: 600; }
tbody th { position: sticky; left: 0; background: var(--head); z-index: 1; min-width: 15rem; font-weight: 500; }
thead th:first-child { left: 0; z-index: 3; }
td { min-width: 9rem; } td.never { color: var(--dim); }
td.always { background: var(--always); color: var(--always-ink); }
td.conditional { background: var(--some); color: var(--some-ink); }
td small, th small { display: block; overflow-wrap: break-word; font-weight: 400; } td.never small { opacity: .75; }
.sensitive { color: var(--sensitive); font-size: .8em; font-weight: 600; }
ul { margin: .25rem 0; padding-left: 1.2rem; } .rules td { min-width: 0; }
@page { size: A3 landscape; margin: 8mm; }
@media print { body { padding: 0; max-width: none; font-size: 6px; }
  .scroll { overflow: visible; max-height: none; border: 0; }
  thead th, tbody th { position: static; } th, tbody th, td { min-width: 0; padding: 2px; overflow-wrap: anywhere; }
  table { table-layout: fixed; } }
""")
_PAGE = Markup("""<!doctype html>
<html lang="vi">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Ai được đọc gì | Who may read what</title><style>{style}</style></head>
<body>
<h1>Ai được đọc gì | Who may read what</h1>
<p class="dim">Ngày | Day {day} · Phiên bản chính sách | Policy version <code>{version}</code></p>
<h2>Cách đọc | How to read it</h2>
<p><b>always</b>: luôn được đọc | whatever the facts are. <b>never</b>: không được đọc, kèm mã lý do | whatever
the facts are, with the code of the reason. Còn lại: các điều kiện đủ | Otherwise: the facts that are enough.</p>
<ul>{facts}</ul>
<h2>Bảng | Table</h2>
<div class="scroll"><table><thead><tr><th>Loại dữ liệu | Data category</th>
{heads}</tr></thead><tbody>
{rows}
</tbody></table></div>
<h2>Quy tắc | Rules</h2>
<div class="scroll"><table class="rules"><thead><tr><th>Quy tắc | Rule</th><th>Cơ sở pháp lý | Legal basis</th>
<th>Căn cứ | Citation</th><th>Hiệu lực | In force</th><th>Điều kiện truy cập | How to obtain access</th></tr></thead>
<tbody>{rules}</tbody></table></div>
</body></html>
""")
_FACT = Markup("<li><code>{}</code>: {} | {}</li>")
_HEAD = Markup('<th title="{} | {}">{}<small>{}</small><small><code>{}</code></small></th>')
_ROW = Markup("<tr><th><code>{}</code>{}<small>{} | {}</small></th>{}</tr>\n")
_CELL = Markup('<td class="{}">{}<small>{}</small></td>')
_RULE = Markup(
    "<tr><td><code>{}</code>{}</td><td>{}<small>{}</small></td><td>{}</td><td>{}</td><td>{}<small>{}</small></td></tr>\n"
)
_MARK = Markup(' <span class="sensitive">{}</span>')
_EMPTY = Markup()


def page(policies: PolicySet, every: Iterable[Cell], on: date) -> str:
    """Return the page: the table, what its words mean, and the rules with their law.

    `Markup.format` and `Markup.join` escape every value that is not itself Markup.
    """
    columns = by_asker(every)
    return _PAGE.format(
        style=_STYLE,
        day=on.isoformat(),
        version=policies.version,
        facts=_EMPTY.join(_FACT.format(str(fact.name).lower(), *texts) for fact, texts in FACT_TEXTS.items()),
        heads=_EMPTY.join(_head(policies, asker) for asker in columns),
        rows=_EMPTY.join(_row(policies, name, columns) for name in policies.categories),
        rules=_EMPTY.join(_rule(policies, rule) for rule in policies.rules.values()),
    )


def _head(policies: PolicySet, asker: ReviewedCaller) -> Markup:
    role, purpose = policies.roles[asker.role].text, policies.purposes[asker.purpose].text
    words = asker.words().partition(", ")[2]
    return _HEAD.format(purpose["vi"], purpose["en"], role["vi"], role["en"], words)


def _row(policies: PolicySet, name: str, columns: dict[ReviewedCaller, dict[str, Cell]]) -> Markup:
    category = policies.categories[name]
    mark = _MARK.format("nhạy cảm | sensitive") if category.sensitive else _EMPTY
    cells = _EMPTY.join(_cell(column[name]) for column in columns.values())
    return _ROW.format(name, mark, category.text["vi"], category.text["en"], cells)


def _cell(cell: Cell) -> Markup:
    access = cell.release.access
    words = Markup("<br>or ").join(cell.facts) or access.value
    small = cell.denial if access is Access.DENIED else ", ".join(cell.rules)
    return _CELL.format(access.value, words, Markup("_<wbr>").join(small.split("_")))


def _rule(policies: PolicySet, rule: Rule) -> Markup:
    basis = policies.legal_bases[rule.basis].text
    effect = _MARK.format("cấm | forbids") if rule.forbids else _EMPTY
    days = f"{rule.valid_from or '…'} – {rule.valid_to or '…'}" if rule.valid_from or rule.valid_to else "…"
    obtain = rule.obtain
    return _RULE.format(rule.id, effect, basis["vi"], basis["en"], rule.citation, days, obtain["vi"], obtain["en"])
