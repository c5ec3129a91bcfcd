"""What tests of the planner's pages share: runs followed to their end, forms as they are posted."""

import time as clocks

from django.db import connection
from django.test.utils import CaptureQueriesContext

from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.program.models import Session
from tests.asking import asked

TOO_LONG = 60


def counted(browser, url):
    with CaptureQueriesContext(connection) as seen:
        page = browser.get(url)
    statements = asked(seen)
    assert (page.status_code, len(statements) <= 12) == (200, True), statements
    return page.content.decode()


def followed(browser, answer):
    """To where the run ends, as a browser without a script would look again."""
    assert answer.status_code == 302, answer.content.decode()
    until = clocks.monotonic() + TOO_LONG
    while clocks.monotonic() < until:
        page = browser.get(answer["Location"])
        if page.status_code == 302:
            return browser.get(page["Location"])
        if "How far it is" not in page.content.decode():
            return page
        clocks.sleep(0.3)
    raise AssertionError("the planner did not end")


def away(clinic, **more):
    on = clock.today().isoformat()
    return {
        "site": clinic.site.pk,
        "who": f"staff:{clinic.people['counselor'].pk}",
        "on": on,
        "starts": "",
        "ends": "",
        **more,
    }


def first_session(group):
    with everything("test"):
        return Session.objects.filter(group=group).order_by("start").first()
