"""The demo clinic: invented people whose whole history is made through the actions, so that everything in it is valid.

    build("small", seed=1, step=print)

The same seed on the same day gives the same clinic. Dates are relative to today, so that today is a working day with groups in it.
Sizes, stays, absences and kinds of discharge follow published figures (see `shape.py` for each with its source).
"""

from .building import build
from .clearing import clear, is_demo, is_empty
from .shape import PASSWORD, SIZES
from .staffing import sign_ins

__all__ = ["PASSWORD", "SIZES", "build", "clear", "is_demo", "is_empty", "sign_ins"]
