"""Every write to our tables stands in a declared action, or in a building block that is handed a running one (`act`)."""

import ast
from pathlib import Path

import middleground

SOURCE = Path(middleground.__file__).parent
ALWAYS = {"save", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "delete"}
ON_ROWS = {"create", "update", "execute", "executemany"}
ROWS = ("objects", "filter(", "QuerySet(", "exclude(", "cursor", "_default_manager", "_base_manager")
# The kernel's own machinery: it stands below the actions.
MACHINERY = {
    "kernel/audit.py": "the chain is written for every action and read",
    "kernel/actions.py": "receipts",
    "kernel/append_only.py": "triggers",
    "kernel/gate.py": "the save that every model inherits",
    "kernel/second_wall.py": "policies and the scope of a session in PostgreSQL",
    "cli/keeping.py": "restore replaces the database whole",
    "demo/clearing.py": "empties a demo database, and only a demo",
    "demo/building.py": "PRAGMAs that spare the disk while a demo is built",
}


def writes(path: Path):
    tree = ast.parse(path.read_text())
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            receiver = ast.unparse(node.func.value)
            name = node.func.attr
            if (name in ALWAYS and receiver != "super()") or (
                name in ON_ROWS and any(mark in receiver for mark in ROWS)
            ):
                yield node, function_around(node, parents)


def function_around(node, parents):
    while node in parents:
        node = parents[node]
        if isinstance(node, ast.FunctionDef) and node.args.args and node.args.args[0].arg == "act":
            return node
    return None


def test_no_write_outside_an_action():
    loose = []
    for path in SOURCE.rglob("*.py"):
        name = str(path.relative_to(SOURCE))
        if "migrations/" in name or name in MACHINERY:
            continue
        loose += [f"{name}:{node.lineno}" for node, around in writes(path) if around is None]
    assert loose == []


def test_the_faces_hold_no_write_at_all():
    assert [str(path) for path in (SOURCE / "faces").rglob("*.py") for _ in writes(path)] == []
