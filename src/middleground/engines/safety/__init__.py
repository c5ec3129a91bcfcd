"""The withdrawal check: pure, from one case to one result with its reasons.

>>> withdrawal(Case()).result
'UNKNOWN'

Its rules are files in `knowledge/withdrawal/`; a clinic overrides a file by id in its own folder.
"""

from middleground.engines.safety.case import Case, Change, Monitoring, Reason, Result, Substance
from middleground.engines.safety.lines import read_line
from middleground.engines.safety.rules import AREA
from middleground.engines.safety.withdrawing import INPUT, OUTPUT, answer, withdrawal

AREAS = (AREA,)
SCHEMAS = {"input": INPUT, "output": OUTPUT}

__all__ = [
    "AREAS",
    "INPUT",
    "OUTPUT",
    "SCHEMAS",
    "Case",
    "Change",
    "Monitoring",
    "Reason",
    "Result",
    "Substance",
    "answer",
    "read_line",
    "withdrawal",
]
