"""Run apart (`python -m tests.journeys.pages`): for every role the sign-in name and the pages it may open, as JSON."""

import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from middleground.faces.doors import Page

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "middleground.settings")
PARTS = re.compile(r"<(?:\w+:)?(\w+)>")
NOT_PAGES = {"draft", "week-move-preview", "portal-worker", "portal-manifest"}


def by_role() -> list[dict[str, object]]:
    """One entry a role: `role`, `username`, `pages` of [name, address]."""
    from middleground.demo import sign_ins
    from middleground.faces.doors import PAGES, load_pages
    from middleground.kernel import gate
    from tests.attacks.parts import of_demo

    load_pages()
    with gate.everything("walk"):
        parts = of_demo()
    people = [("visitor", "", ""), *sign_ins()]
    return [
        {
            "role": role,
            "username": username,
            "pages": [found for page in PAGES.values() if (found := address(page, role, parts))],
        }
        for role, username, _name in people
    ]


def address(page: "Page", role: str, parts: dict[Any, Any]) -> list[str]:
    """[name, address] of a page this role may open; empty when it may not, or the demo has nothing to show there."""
    from django.urls import reverse

    names = PARTS.findall(page.route)
    values = {name: parts.get((page.name, name), parts.get(name)) for name in names}
    if role not in page.by or page.name in NOT_PAGES or None in values.values():
        return []
    return [page.name, reverse(page.name, kwargs=values)]


def main() -> None:
    import django

    django.setup()
    json.dump(by_role(), sys.stdout)


if __name__ == "__main__":
    main()
