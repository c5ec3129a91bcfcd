"""Walks every page as every role, in a copy of the demo clinic, and prints what it met as JSON: run by `test_every_page`.

    python -m tests.attacks.walk OUT.json

For each page and role: the status, the number of queries, how long the page is, and whether it says a stranger's name.
"""

import json
import os
import re
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "middleground.settings")
PARTS = re.compile(r"<(?:\w+:)?(\w+)>")


def examples() -> dict[str, object]:
    """One row of each sort for the addresses' parts, and a client nobody in the walk but site-wide roles has a relation to."""
    from middleground.clinic.models import User
    from middleground.kernel import gate
    from middleground.records.models import Client

    from .parts import of_demo

    with gate.everything("walk"):
        found = of_demo()
        found["strangers"] = {c.pk: c.last_name for c in Client.objects.all()}
        found["users"] = {u.username: u.pk for u in User.objects.all()}
    return found


def main(out: str) -> None:
    import django

    django.setup()
    from django.db import connection
    from django.test import Client as Browser
    from django.test.utils import CaptureQueriesContext, setup_test_environment
    from django.urls import reverse

    from middleground.clinic.models import User
    from middleground.demo import sign_ins
    from middleground.faces.doors import PAGES, load_pages

    setup_test_environment()
    load_pages()
    parts = examples()["parts"]
    people = {role: User.objects.get(username=username) for role, username, _ in sign_ins()}
    met = []
    for role, person in [("visitor", None), *people.items()]:
        browser = Browser(raise_request_exception=False)
        if person:
            browser.force_login(person)
            browser.get(reverse("home"))
        for page in list(PAGES.values()):
            names = PARTS.findall(page.route)
            if any(n not in parts for n in names):
                met.append({"role": role, "page": page.name, "status": None, "missing": [n for n in names if n not in parts]})
                continue
            url = reverse(page.name, kwargs={n: parts[n] for n in names})
            started = time.perf_counter()
            with CaptureQueriesContext(connection) as queries:
                answer = browser.get(url)
            asked = [q["sql"] for q in queries if not q["sql"].startswith(("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT", "ROLLBACK"))]
            met.append({"role": role, "page": page.name, "url": url, "status": answer.status_code, "queries": len(asked), "may": bool(page.by & ({"visitor"} if person is None else set(person.roles))),
                        "ms": round((time.perf_counter() - started) * 1000), "bytes": len(answer.content), "sql": asked if len(asked) > 12 else []})
    with open(out, "w") as file:
        json.dump(met, file, indent=1)


if __name__ == "__main__":
    main(sys.argv[1])
