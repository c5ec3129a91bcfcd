"""Level-of-care placement: pure, from ratings and gates to a recommended level with its reasons.

>>> place(Case()).status
'pending-wm'

Its tables are files in `knowledge/placement/`; a clinic overrides a file by id in its own folder.
"""

from middleground.engines.placement.book import AREA
from middleground.engines.placement.case import Case, Needs, Placement, Ratings, Stay
from middleground.engines.placement.placing import INPUT, OUTPUT, answer, place

AREAS = (AREA,)
SCHEMAS = {"input": INPUT, "output": OUTPUT}

__all__ = [
    "AREAS",
    "INPUT",
    "OUTPUT",
    "SCHEMAS",
    "Case",
    "Needs",
    "Placement",
    "Ratings",
    "Stay",
    "answer",
    "place",
]
