"""Reading across the rooms: the story of one client, what a consent would let out, the program as a whole, public figures.

Insight only reads. It reads the other rooms' tables itself where a question runs across them in one statement; every row
still passes the record gate.
"""

from .board import Board, board
from .letters import Letter, attendance_letter
from .preview import Preview, Section, preview
from .public import public_figures
from .story import Story, story
from .timeline import Timeline, timeline

__all__ = [
    "Board",
    "Letter",
    "Preview",
    "Section",
    "Story",
    "Timeline",
    "attendance_letter",
    "board",
    "preview",
    "public_figures",
    "story",
    "timeline",
]
