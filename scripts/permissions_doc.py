"""Writes docs/permissions.md from the declared actions: `python scripts/permissions_doc.py` (`--print` only prints it)."""

import sys
from pathlib import Path

from middleground.cli.commands import django

PAGE = Path(__file__).resolve().parent.parent / "docs" / "permissions.md"
HEAD = """# Who may do what

Every change to the clinic's data is a declared action. This table is written from the declarations
(`python scripts/permissions_doc.py`); a test fails when it differs. **yes**: anyone with the role. Other words: only
under that condition. What somebody may *read* is decided by the record gate, see [Architecture](architecture.md).
Directors, compliance officers and administrators find the same table under **Who may do what**; `middleground permissions` prints it.
"""


def text() -> str:
    """The whole page."""
    from middleground.kernel.actions import table

    parts: dict[str, list[str]] = {}
    for action_id, name, may in table():
        parts.setdefault(action_id.split(".")[0], []).append(_row(action_id, name, may))
    return HEAD + "".join(_part(area, rows) for area, rows in sorted(parts.items()))


def _part(area: str, rows: list[str]) -> str:
    return f"\n## {area.capitalize()}\n\n| Action | Who | Id |\n|---|---|---|\n" + "".join(rows)


def _row(action_id: str, name: str, may: dict[str, str]) -> str:
    from middleground.kernel.who import ROLES

    words = [role if may[role] == "yes" else f"{role} ({may[role]})" for role in ROLES if role in may]
    everyone = set(may) == set(ROLES) and set(may.values()) == {"yes"}
    who = "everyone" if everyone else ", ".join(words) or "only the installation's own commands"
    return f"| {name} | {who} | `{action_id}` |\n"


if __name__ == "__main__":
    django()
    if "--print" in sys.argv:
        sys.stdout.write(text())
    else:
        PAGE.write_text(text())
