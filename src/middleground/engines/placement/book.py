"""The placement knowledge in force."""

from typing import Any, NamedTuple

from middleground.engines import knowing
from middleground.engines.safety import Reason

AREA = "placement"


class Book(NamedTuple):
    levels: dict[str, Any]
    status: dict[str, Any]
    stay: dict[str, Any]

    def rank(self, level: str) -> int:
        """The place of a level from least to most intensive."""
        return self.levels["order"].index(level)

    def reason(self, code: str, **words: Any) -> Reason:
        told = self.status["reasons"][code]
        return Reason(code, told["text"].format(**words), told["source"], told["confidence"])


def book() -> Book:
    data = knowing.load(AREA)
    return Book(data["placement-levels"], data["placement-status"], data["placement-stay"])
