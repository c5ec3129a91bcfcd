"""Walks every page as every role, signed out too, in a copy of the demo clinic, and writes what it met as JSON: run by `test_every_page`.

    python -m tests.attacks.walk OUT.json

For each page and role: the status, the queries, and whether a wrong role's POST was let in. The family member walks once with the
client's consent and once after it was revoked.
"""

import json
import os
import re
import sys
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "middleground.settings")
PARTS = re.compile(r"<(?:\w+:)?(\w+)>")
BRACKETS = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT", "ROLLBACK")


def people() -> dict[str, Any]:
    from middleground.clinic.models import User
    from middleground.demo import sign_ins

    return {role: User.objects.get(username=username) for role, username, _ in sign_ins()}


def walk(role: str, person: Any, parts: dict[str, Any], only_own: bool = False) -> list[dict[str, Any]]:
    """Every page as one person; `only_own` leaves out those of other roles."""
    from django.test import Client as Browser

    from middleground.faces.doors import PAGES

    browser = Browser(raise_request_exception=False)
    if person:
        browser.force_login(person)
        browser.get("/styleguide/")  # whatever a first request caches is not the page's own
    roles = set(person.roles) if person else {"visitor"}
    pages = [page for page in list(PAGES.values()) if page.by & roles or not only_own]
    return [visit(browser, role, page, parts, bool(page.by & roles)) for page in pages]


def visit(browser: Any, role: str, page: Any, parts: dict[str, Any], may: bool) -> dict[str, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    names = PARTS.findall(page.route)
    missing = [n for n in names if (page.name, n) not in parts and n not in parts]
    met = {"role": role, "page": page.name, "may": may, "status": None, "missing": missing}
    if missing:
        return met
    url = reverse(page.name, kwargs={n: parts.get((page.name, n), parts.get(n)) for n in names})
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(url)
    asked = [q["sql"] for q in queries if not q["sql"].startswith(BRACKETS)]
    met |= {"url": url, "status": answer.status_code, "queries": len(asked), "sql": asked if len(asked) > 12 else []}
    if answer.status_code in (301, 302):
        met["to"] = answer["Location"]
    if not may:
        met["post"] = browser.post(url, {"request_key": "walk"}).status_code
    return met


def without_consent() -> None:
    """The client takes back what the family member was let see."""
    from middleground.kernel import gate
    from middleground.records.actions import revoke_consent
    from middleground.records.models import Consent

    who = people()
    with gate.everything("walk"):
        given = list(Consent.objects.filter(recipient_user=who["family"], revoked_at=None))
    for consent in given:
        revoke_consent.run(who["client"].actor(), consent=consent)


def ready() -> dict[str, Any]:
    """Set everything up; the parts of addresses that lead to rows of this clinic."""
    import django

    django.setup()
    from django.test.utils import setup_test_environment

    from middleground.faces.doors import load_pages
    from middleground.kernel import gate

    from .parts import of_demo

    setup_test_environment()
    load_pages()
    with gate.everything("walk"):
        return of_demo()


def main(out: str) -> None:
    parts = ready()
    met = walk("visitor", None, parts)
    for role, person in people().items():
        met += walk(role, person, parts)
    without_consent()
    met += walk("family without consent", people()["family"], parts)
    with open(out, "w") as file:
        json.dump(met, file, indent=1)


if __name__ == "__main__":
    main(sys.argv[1])
