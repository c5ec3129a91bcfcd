"""The program director's page: the program at a glance, in pictures with their tables."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from middleground.faces.doors import PAGES, Nav, page
from middleground.insight import queries
from middleground.insight.board import Board, periods

# What each sort of owed document is called, and the page on which it is put right.
OWED = (
    ("unsigned-notes", "Session notes not signed", "day"),
    ("unrecorded-sessions", "Sessions with unrecorded attendance", "day"),
    ("notes-to-cosign", "Notes that wait for a co-signature", "day"),
    ("episodes-without-plan", "In care without a signed plan", "clients"),
    ("plans-unsigned-by-client", "Plans the client has not signed", "clients"),
    ("reviews-due", "Plan reviews due", "clients"),
    ("assessments-unsigned", "Assessments not signed", "clients"),
    ("tasks-late", "Tasks past their time", "tasks"),
)


@page("director/", name="director", by=("program-director",), title="Program", nav=Nav("staff", "Program", "chart", 5))
def director(request: HttpRequest) -> HttpResponse:
    """Census, hours, waits, who stays, what changes, what is owed, for the period asked for."""
    board = queries.board(request.GET.get("period", ""))
    context = {
        "board": board,
        "periods": [
            {"label": p["label"], "url": f"?period={p['id']}", "current": p["id"] == board.period} for p in periods()
        ],
        "census": [(f"{day:%b} {day.day}", n) for day, n in board.census],
        "delivered": [(f"{h.monday:%b} {h.monday.day}", h.share) for h in board.hours[:-1]],  # this week is not over
        "retained": [(f"week {week}", share) for week, share in board.retained],
        "documents": _owed(board),
    }
    return render(request, "web/director.html", context)


def _owed(board: Board) -> list[dict]:
    rows = [(words, board.documents[sort], _url(name)) for sort, words, name in OWED if sort in board.documents]
    return [{"words": words, "n": tally.n, "oldest": tally.oldest, "url": url} for words, tally, url in rows]


def _url(name: str) -> str:
    return reverse(name) if name in PAGES else ""
