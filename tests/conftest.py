"""What every test may lean on: a home of its own for keys and anchors, an open wall for clearing tables, a small clinic."""

import os
import tempfile

os.environ.setdefault("MIDDLEGROUND_HOME", tempfile.mkdtemp(prefix="middleground-test-"))
os.environ.setdefault(
    "DJANGO_ALLOW_ASYNC_UNSAFE", "1"
)  # Playwright's own event loop runs beside the test's database calls

import pytest
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from tests import builders

hypothesis_settings.register_profile("steady", deadline=None)  # a busy machine is no fault of the code
hypothesis_settings.load_profile("steady")

_teardown = TransactionTestCase._fixture_teardown


def _clear(self):
    from middleground.kernel import append_only, guard

    with guard.opened("maintenance"):
        append_only.remove(connection)
        _teardown(self)
        append_only.install(connection)


TransactionTestCase._fixture_teardown = _clear


@pytest.fixture(autouse=True)
def own_home(settings, tmp_path):
    """Keys stay; the audit anchor of each test is its own."""
    settings.HOME = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def own_language():
    """A page read by a test client leaves its language behind in the thread."""
    yield
    translation.deactivate()


@pytest.fixture
def clinic(db):
    """One site with rooms and one person in every role, made through the actions."""
    return builders.a_clinic()


@pytest.fixture
def wren(clinic):
    """A client in an open episode with a treatment team."""
    return builders.a_client(clinic, "Wren", "Alder")


@pytest.fixture
def monday_morning():
    """Seven on the morning of a Monday to come."""
    from tests.timetable.weeks import monday_to_come

    with monday_to_come() as now:
        yield now
