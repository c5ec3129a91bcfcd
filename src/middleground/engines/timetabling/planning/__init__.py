"""The whole clinic's week: the best plan, its bounds, within a limit of time or work."""

from .asked import LEVELS, Level, Limits, Progress, Solved, Tell
from .solving import solve

__all__ = ["LEVELS", "Level", "Limits", "Progress", "Solved", "Tell", "solve"]
