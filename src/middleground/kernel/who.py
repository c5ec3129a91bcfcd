"""Who may do an action: roles, and a relation to the record, readable as a table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .context import Actor

STAFF = (
    "intake-coordinator",
    "counselor",
    "prescriber",
    "case-manager",
    "biller",
    "program-director",
    "compliance-officer",
    "administrator",
)
ROLES = ("visitor", "client", "family", *STAFF)
CLINICAL = ("counselor", "prescriber", "case-manager")


@dataclass(frozen=True)
class Relation:
    """A condition on actor and inputs, in words ("leads the session")."""

    words: str
    holds: Callable[[Actor, Mapping[str, Any]], bool]


@dataclass(frozen=True)
class Who:
    """Any of the grants, each a set of roles and perhaps a relation."""

    grants: tuple[tuple[frozenset[str], Relation | None], ...]

    def __or__(self, other: "Who") -> "Who":
        return Who(self.grants + other.grants)

    def allows(self, actor: Actor, inputs: Mapping[str, Any]) -> bool:
        if actor.is_system:
            return True
        return any(
            roles & actor.roles and (relation is None or relation.holds(actor, inputs))
            for roles, relation in self.grants
        )

    def might(self, actor: Actor) -> bool:
        """Whether the actor's role could ever do this (for showing a button); the relation is checked when it is done."""
        return actor.is_system or any(roles & actor.roles for roles, _ in self.grants)

    def by_role(self) -> dict[str, str]:
        """role -> "yes" or the relation in words, for the permissions table."""
        table: dict[str, str] = {}
        for roles, relation in self.grants:
            for each in roles:
                words = relation.words if relation else "yes"
                table[each] = "yes" if "yes" in (words, table.get(each)) else table.get(each, words)
        return table


def role(*names: str, only: Relation | None = None) -> Who:
    """Anyone with one of these roles, `only` if the relation holds."""
    unknown = set(names) - set(ROLES)
    if unknown:
        raise ValueError(f"unknown role {', '.join(sorted(unknown))}")
    return Who(((frozenset(names), only),))


def staff(*, but: tuple[str, ...] = ()) -> Who:
    """Everyone who works here."""
    return role(*(name for name in STAFF if name not in but))


def anyone() -> Who:
    """Every role, and people who have not signed in."""
    return role(*ROLES)


def system_only() -> Who:
    """No person: only the installation's own commands."""
    return Who(())
