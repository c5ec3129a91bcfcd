"""Who may see what of a client's record, and why: a pure decision with its legal reason. It fails closed.

`scope` answers for the program's own people (how far a role reaches), `decide` one concrete question, outsiders too.
"""

from ..knowing import load, version
from .asking import Asking, ConsentFact, Decision, Scope
from .consents import Gap, consent_gaps
from .inside import scope
from .outside import decide, redisclosure_notice

KINDS: tuple[str, ...] = tuple(load("disclosure")["kinds"]["kinds"])
ROLES: tuple[str, ...] = tuple(load("disclosure")["inside"]["roles"])
SCOPES: tuple[str, ...] = tuple(load("disclosure")["inside"]["order"])
RELATIONS: tuple[str, ...] = tuple(load("disclosure")["outside"]["relations"])
PURPOSES: tuple[str, ...] = tuple(load("disclosure")["outside"]["purposes"])

__all__ = [
    "KINDS",
    "PURPOSES",
    "RELATIONS",
    "ROLES",
    "SCOPES",
    "Asking",
    "ConsentFact",
    "Decision",
    "Gap",
    "Scope",
    "consent_gaps",
    "decide",
    "kind_words",
    "knowledge_version",
    "redisclosure_notice",
    "role_words",
    "scope",
]


def kind_words(kind: str, language: str = "en") -> str:
    """The plain name of a kind of record. Raises KeyError for a kind that isn't one."""
    return load("disclosure")["kinds"]["kinds"][kind][language]


def role_words(role: str, language: str = "en") -> str:
    """The plain name of a role. Raises KeyError for a role that isn't one."""
    return load("disclosure")["inside"]["roles"][role]["words"][language]


def knowledge_version() -> dict[str, str]:
    return version("disclosure", "disclosure")
