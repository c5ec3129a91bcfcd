"""How far the program's own roles reach. Source: knowledge/disclosure/inside.yaml (42 CFR 2.12(c)(3), need to know)."""

from functools import cache
from typing import Any

from ..knowing import load
from .asking import Scope

REACH = {
    "all": {"author", "care-team", "site"},
    "caseload": {"author", "care-team"},
    "author": {"author"},
    "own": {"self"},
}


def matrix() -> dict[str, Any]:
    return load("disclosure")["inside"]


@cache
def scope_of_role(role: str, kind: str) -> str:
    """The scope one role gives for a kind; "none" for a role or kind we don't know."""
    row = matrix()["roles"].get(role, {})
    held = [name for name in matrix()["order"] if kind in row.get(name, ())]
    return held[-1] if held else "none"


@cache
def scope(roles: frozenset[str], kind: str) -> Scope:
    """The widest scope that any of the roles gives for this kind of record. An unknown role or kind gives "none"."""
    order = matrix()["order"]
    widest = max(((order.index(scope_of_role(role, kind)), role) for role in sorted(roles)), default=(0, "nobody"))
    return worded(order[widest[0]], widest[1], kind)


def worded(name: str, role: str, kind: str) -> Scope:
    words = load("disclosure")["kinds"]["kinds"].get(kind, {"en": "this"})["en"]
    told = matrix()["scopes"][name]
    text = told["en"].format(kind=words)
    return Scope(name, f"{role}-{name}", text[0].upper() + text[1:], matrix()["source"]["title"], told["confidence"])


def reaches(role: str, relation: str, kind: str) -> bool:
    """Whether someone of this role, in this relation to the client, gets to this kind of record."""
    return relation in REACH.get(scope_of_role(role, kind), ())
