"""However much a clinic has gathered, no page asks the database more often for it."""

import pytest

from tests import demo_home

from .test_every_page import BUDGET

# A count means something only where there is more of it than before.
GREW = {
    "Client",
    "Session",
    "Attendance",
    "NotePart",
    "Task",
    "Consent",
    "CheckIn",
    "Service",
    "Policy",
    "Inquiry",
    "Room",
    "Site",
    "User",
    "Plan",
}


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    return demo_home.walked("tests.attacks.growth", tmp_path_factory, "growth")


def test_the_clinic_grew_in_every_direction(counted):
    assert {name for name in GREW if counted["copies"].get(name, 0) < 2} == set()
    assert len(counted["copies"]) > 45


def test_every_page_still_opens_in_the_bigger_clinic(counted):
    assert sorted(set(counted["small"]) - set(counted["large"])) == []
    assert len({row["page"] for row in counted["large"].values()}) > 100


def test_no_page_asks_more_often_because_there_is_more(counted):
    asked = {page: (counted["small"][page]["queries"], row["queries"]) for page, row in counted["large"].items()}
    assert {page: both for page, both in asked.items() if both[1] > both[0]} == {}


def test_no_page_of_the_bigger_clinic_goes_over_the_budget(counted):
    assert sorted(page for page, row in counted["large"].items() if row["queries"] > BUDGET) == []
