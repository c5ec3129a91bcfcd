"""The closed list of what can stand in a client's way, in the order of the contract's table (section 10)."""

from collections.abc import Iterable

from ..times import DAYS

FAMILIES = (
    "free",
    "busy",
    "travel",
    "telehealth",
    "days",
    "day",
    "week",
    "language",
    "population",
    "topics",
    "place",
    "running",
    "counselor",
    "office",
)
SINGLE = ("telehealth", "days", "day:min", "day:max", "week", "language", "population", "topics", "counselor", "office")
FREE = tuple(f"free:{day}" for day in DAYS)


def family(name: str) -> str:
    """free:thu is of the family free."""
    return name.partition(":")[0]


def order(name: str) -> tuple[int, str]:
    """Table order, then name: the order in which ties are broken."""
    return FAMILIES.index(family(name)), name


def in_order(names: Iterable[str]) -> list[str]:
    return sorted(set(names), key=order)
