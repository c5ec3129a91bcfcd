"""Run apart (`python -m tests.journeys.pages`): for every role the sign-in name and the pages it may open, as JSON."""

import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "middleground.settings")
NOT_PAGES = {"draft", "portal-worker", "portal-manifest"}


def by_role() -> list[dict[str, object]]:
    """One entry a role: `role`, `username`, `pages` of [name, address]."""
    from django.urls import reverse

    from middleground.demo import sign_ins
    from middleground.faces.doors import PAGES, load_pages
    from tests.attacks.walk import PARTS, examples

    load_pages()
    parts = examples()["parts"]
    assert isinstance(parts, dict)
    found = []
    for role, username, _name in [("visitor", "", ""), *sign_ins()]:
        pages = []
        for page in PAGES.values():
            names = PARTS.findall(page.route)
            if role in page.by and page.name not in NOT_PAGES and all(name in parts for name in names):
                pages.append([page.name, reverse(page.name, kwargs={name: parts[name] for name in names})])
        found.append({"role": role, "username": username, "pages": pages})
    return found


def main() -> None:
    import django

    django.setup()
    json.dump(by_role(), sys.stdout)


if __name__ == "__main__":
    main()
