"""The officer's table as one HTML page that asks nothing of anybody: no script, no font, no picture from elsewhere."""

from collections.abc import Iterable
from datetime import date
from html import escape

from auth.policy.conditions import Access
from auth.policy.policy_set import PolicySet
from auth.policy.profiles import ReviewedCaller
from auth.policy.review.table import FACT_TEXTS, Cell, by_asker
from auth.policy.rules import Rule

_STYLE = """
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
tbody th { position: sticky; left: 0; background: var(--head); min-width: 15rem; font-weight: 500; }
thead th:first-child { left: 0; z-index: 3; }
td { min-width: 9rem; } td.never { color: var(--dim); }
td.always { background: var(--always); color: var(--always-ink); }
td.conditional { background: var(--some); color: var(--some-ink); }
td small, th small { display: block; overflow-wrap: break-word; font-weight: 400; } td.never small { opacity: .75; }
.sensitive { color: var(--sensitive); font-size: .8em; font-weight: 600; }
ul { margin: .25rem 0; padding-left: 1.2rem; } .rules td { min-width: 0; }
@media print { body { padding: 0; font-size: 9px; } .scroll { overflow: visible; max-height: none; border: 0; }
  thead th, tbody th { position: static; } }
"""


def page(policies: PolicySet, every: Iterable[Cell], on: date) -> str:
    """Return the page: the table, what its words mean, and the rules with their law."""
    columns = by_asker(every)
    return f"""<!doctype html>
<html lang="vi">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Ai được đọc gì | Who may read what</title><style>{_STYLE}</style></head>
<body>
<h1>Ai được đọc gì | Who may read what</h1>
<p class="dim">Ngày | Day {on.isoformat()} · Phiên bản chính sách | Policy version <code>{policies.version}</code></p>
<h2>Cách đọc | How to read it</h2>
<p><b>always</b>: luôn được đọc | whatever the facts are. <b>never</b>: không được đọc, kèm mã lý do | whatever
the facts are, with the code of the reason. Còn lại: các điều kiện đủ | Otherwise: the facts that are enough.</p>
<ul>{"".join(_fact(str(fact.name).lower(), *texts) for fact, texts in FACT_TEXTS.items())}</ul>
<h2>Bảng | Table</h2>
<div class="scroll"><table><thead><tr><th>Loại dữ liệu | Data category</th>
{"".join(_head(policies, asker) for asker in columns)}</tr></thead><tbody>
{"".join(_row(policies, name, columns) for name in policies.categories)}
</tbody></table></div>
<h2>Quy tắc | Rules</h2>
<div class="scroll"><table class="rules"><thead><tr><th>Quy tắc | Rule</th><th>Cơ sở pháp lý | Legal basis</th>
<th>Căn cứ | Citation</th><th>Hiệu lực | In force</th><th>Cách được truy cập | How to obtain access</th></tr></thead>
<tbody>{"".join(_rule(policies, rule) for rule in policies.rules.values())}</tbody></table></div>
</body></html>
"""


def _head(policies: PolicySet, asker: ReviewedCaller) -> str:
    role, purpose = policies.roles[asker.role].text, policies.purposes[asker.purpose].text
    words = asker.words().partition(", ")[2]
    title = escape(f"{purpose['vi']} | {purpose['en']}", quote=True)
    return (
        f'<th title="{title}">{escape(role["vi"])}<small>{escape(role["en"])}</small>'
        f"<small><code>{escape(words)}</code></small></th>"
    )


def _row(policies: PolicySet, name: str, columns: dict[ReviewedCaller, dict[str, Cell]]) -> str:
    category = policies.categories[name]
    mark = ' <span class="sensitive">nhạy cảm | sensitive</span>' if category.sensitive else ""
    texts = f"<small>{escape(category.text['vi'])} | {escape(category.text['en'])}</small>"
    shown = "".join(_cell(column[name]) for column in columns.values())
    return f"<tr><th><code>{escape(name)}</code>{mark}{texts}</th>{shown}</tr>\n"


def _cell(cell: Cell) -> str:
    access = cell.release.access
    words = "<br>or ".join(map(escape, cell.facts)) or access.value
    small = cell.denial if access is Access.DENIED else ", ".join(cell.rules)
    broken = escape(small).replace("_", "_<wbr>")
    return f'<td class="{access.value}">{words}<small>{broken}</small></td>'


def _fact(name: str, vietnamese: str, english: str) -> str:
    return f"<li><code>{name}</code>: {escape(vietnamese)} | {escape(english)}</li>"


def _rule(policies: PolicySet, rule: Rule) -> str:
    basis = policies.legal_bases[rule.basis]
    effect = " <span class='sensitive'>cấm | forbids</span>" if rule.forbids else ""
    days = f"{rule.valid_from or '…'} – {rule.valid_to or '…'}" if rule.valid_from or rule.valid_to else "…"
    return (
        f"<tr><td><code>{escape(rule.id)}</code>{effect}</td>"
        f"<td>{escape(basis.text['vi'])}<small>{escape(basis.text['en'])}</small></td>"
        f"<td>{escape(rule.citation)}</td><td>{days}</td>"
        f"<td>{escape(rule.obtain['vi'])}<small>{escape(rule.obtain['en'])}</small></td></tr>\n"
    )
