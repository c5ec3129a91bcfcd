"""The public pages: what an IOP is, whom it helps, how to begin. Texts come from knowledge/site in both languages."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from middleground.faces.doors import EVERYONE, Nav, page
from middleground.faces.ui import moments

from . import figures
from .frame import link, show, told, unnumbered


@page("", name="site-home", by=EVERYONE, title=_("Help that fits around your life"))
def home(request: HttpRequest) -> HttpResponse:
    """The first thing somebody sees who looks for help."""
    text = told("site", "home")
    sections = {each["id"]: each for each in text["sections"]}
    return show(
        request,
        "site/home.html",
        text,
        {
            "what": sections["what-is-it"],
            "middle": sections["middle-ground"],
            "beliefs": sections["what-we-believe"],
            "actions": [{**each, "url": link(each["to"])} for each in text["actions"]],
            "pathways": told("site", "getting-started")["sections"][0],
            "steps": ready(told("site", "getting-started")["sections"][1]),
        },
    )


@page(
    "what-is-iop/",
    name="what-is-iop",
    by=EVERYONE,
    title=_("What is an IOP?"),
    nav=Nav("public", _("What is an IOP?"), "info", 10),
)
def what_is_iop(request: HttpRequest) -> HttpResponse:
    """What an intensive outpatient program is, what is in it, and the methods behind it."""
    text, expect = told("site", "home"), told("site", "what-to-expect")
    first, *rest = text["sections"][:2]
    page_text = {
        **text,
        "title": first["heading"],
        "lead": first["body"][0],
        "sections": [{**first, "body": first["body"][1:], "heading": _("How it works")}, *rest],
    }
    return show(
        request, "site/what_is_iop.html", page_text, {"activities": expect["activities"], "methods": expect["methods"]}
    )


@page("compare/", name="compare", by=EVERYONE, title=_("Compare your choices"))
def compare(request: HttpRequest) -> HttpResponse:
    """Ordinary outpatient, intensive outpatient and inpatient care, side by side."""
    text = told("site", "compare")
    columns = text["table"]["columns"]
    rows = [
        {
            "topic": row["topic"],
            "cells": [{"label": c["label"], "text": row[c["id"]], "ours": c["id"] == "iop"} for c in columns[1:]],
        }
        for row in text["table"]["rows"]
    ]
    return show(request, "site/compare.html", text, {"columns": columns, "rows": rows})


@page(
    "what-to-expect/",
    name="what-to-expect",
    by=EVERYONE,
    title=_("What to expect"),
    nav=Nav("public", _("What to expect"), "calendar", 20),
)
def what_to_expect(request: HttpRequest) -> HttpResponse:
    """A normal week, a normal evening, and the kinds of help."""
    text = told("site", "what-to-expect")
    evening = [
        {**step, "at": moments.clock(datetime.fromisoformat(f"2026-01-05T{step['at']}"))}
        for step in text["day"]["steps"]
    ]
    return show(request, "site/what_to_expect.html", text, {"figures": chosen_figures(text), "evening": evening})


@page(
    "myths/", name="myths", by=EVERYONE, title=_("Myths and facts"), nav=Nav("public", _("Myths and facts"), "book", 50)
)
def myths(request: HttpRequest) -> HttpResponse:
    """The myths, each answered with this clinic's own figure where it has one."""
    text = told("site", "myths")
    ours = {each["id"]: each for each in _figures(text["figures"])}
    answered = [{**myth, "figure": ours.get(myth["figure"] or "")} for myth in text["myths"]]
    unknown = any(myth["figure"] and not myth["figure"]["value"] for myth in answered)
    return show(
        request, "site/myths.html", text, {"myths": answered, "note": text["small_numbers_note"] if unknown else ""}
    )


def chosen_figures(text: dict[str, Any]) -> list[dict[str, Any]]:
    """The clinic's own figures a page asks for, those without a value left out."""
    known = told("site", "myths")["figures"]
    return [
        each
        for each in _figures({name: known[name] for name in text.get("figures", ()) if name in known})
        if each["value"]
    ]


def _figures(wanted: dict[str, Any]) -> list[dict[str, Any]]:
    have = figures.figures() if wanted else {}
    return [
        {"id": name, "label": each["label"], "value": figures.shown(have.get(name) or None, each["unit"])}
        for name, each in wanted.items()
    ]


def ready(section: dict[str, Any]) -> dict[str, Any]:
    """A section with its action's address and its steps as the page draws them."""
    action = section.get("action")
    return {
        **section,
        "steps": unnumbered(section.get("steps", [])),
        "action": {**action, "url": link(action["to"])} if action else None,
    }


def text_page(name: str, title: Any, nav: Nav | None = None) -> None:
    """Declare a page that is its text and nothing more."""

    def view(request: HttpRequest) -> HttpResponse:
        text = told("site", name)
        sections = [ready(each) for each in text["sections"]]
        return show(request, "site/text.html", {**text, "sections": sections}, {"figures": chosen_figures(text)})

    page(f"{name}/", name=name, by=EVERYONE, title=title, nav=nav)(view)


text_page("who-benefits", _("Who does well in an IOP?"))
text_page("how-long", _("How long does it last?"))
text_page("getting-started", _("Getting started"))
text_page("paying", _("Paying for care"), Nav("public", _("Paying"), "money", 30))
text_page("families", _("For families and friends"), Nav("public", _("Families"), "heart", 40))
text_page("privacy", _("Your privacy"))


@page("now/", name="crisis", by=EVERYONE, title=_("Help right now"))
def crisis(request: HttpRequest) -> HttpResponse:
    """What to do in a crisis: lines to call, an overdose, a craving, after using."""
    return show(request, "site/crisis.html", told("crisis", "crisis-now"))
