import pytest

from middleground.kernel import clock
from tests.program import groups

MORNING = groups.local(clock.today() if clock.today().weekday() < 5 else clock.today(), 9)


@pytest.fixture(autouse=True)
def this_morning():
    """Every test of this room begins at 9 in the morning of today: the evening group is still to come."""
    with clock.at(MORNING) as at:
        yield at


@pytest.fixture
def evening(clinic):
    return groups.a_group(clinic)
