"""What every public page shares: the site's own navigation, a text in the reader's language, where links lead."""

import re
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language

from middleground.engines import knowing
from middleground.faces import doors
from middleground.kernel.context import visitor

LEADS_TO = {
    "request": "request-assessment",
    "self-check": "self-check",
    "crisis": "crisis",
    "family-line": "family-message",
}
NOT_WORDS = ("confidence",)


def show(
    request: HttpRequest, template: str, page: dict[str, Any], context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Render a public page. Whoever is signed in sees the public navigation here, not that of their work."""
    given = {
        "page": page,
        "nav": doors.navigation(request, visitor()),
        "everything": everything_on_site(),
        **(context or {}),
    }
    return render(request, template, given, status=status)


def told(area: str, name: str) -> dict[str, Any]:
    """A knowledge file in the reader's language: each bilingual text becomes one string."""
    return _told(area, name, (get_language() or "en")[:2])


@cache
def _told(area: str, name: str, language: str) -> dict[str, Any]:
    return in_language(knowing.load(area)[name], language)


def in_language(node: Any, language: str) -> Any:
    """{en, es} becomes the text; {id, en, es} becomes {id, text}; everything else keeps its shape."""
    if isinstance(node, list):
        return [in_language(each, language) for each in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("en"), str):
        text = node.get(language) or node["en"]
        rest = {name: value for name, value in node.items() if name not in ("en", "es", *NOT_WORDS)}
        return {**rest, "text": text} if rest else text
    return {name: in_language(value, language) for name, value in node.items()}


def unnumbered(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Steps without the number in their label: the page draws its own."""
    return [{**step, "label": re.sub(r"^\d+\. ", "", step["label"])} for step in steps]


def everything_on_site() -> list[dict[str, str]]:
    """Every public page for the foot of the page: label and address, in the site's order."""
    names = (
        "what-is-iop",
        "compare",
        "who-benefits",
        "what-to-expect",
        "how-long",
        "getting-started",
        "paying",
        "families",
        "myths",
        "privacy",
        "self-check",
    )
    return [{"label": _title(name), "url": reverse(name)} for name in names]


def _title(name: str) -> str:
    return told("site", "home")["sections"][0]["heading"] if name == "what-is-iop" else told("site", name)["title"]


def link(name: str) -> str:
    """The address a text's action leads to; empty when that page is not in this installation."""
    try:
        return reverse(LEADS_TO.get(name, name))
    except NoReverseMatch:
        return ""
