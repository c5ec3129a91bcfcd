"""What a session costs someone who pays themselves, and when they must have it in writing."""

from ..knowing import version
from .estimates import good_faith_due, good_faith_due_after_asking, new_estimate_due
from .guidelines import Guideline, NoGuideline, guideline
from .sliding import Fee, fee

__all__ = [
    "Fee",
    "Guideline",
    "NoGuideline",
    "fee",
    "good_faith_due",
    "good_faith_due_after_asking",
    "guideline",
    "knowledge_version",
    "new_estimate_due",
]


def knowledge_version() -> dict[str, str]:
    return version("fees", "payment")
