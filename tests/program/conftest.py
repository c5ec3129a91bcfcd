import pytest

from middleground.kernel import clock
from tests.program import groups


@pytest.fixture(autouse=True)
def this_morning():
    """Every test of this room begins at 9 in the morning: the evening group is still to come.

    Of the next weekday, as the ledger keeps no cells for what has ended by the real clock and sites close on Sundays.
    """
    with clock.at(groups.local(groups.next_weekday(), 9)) as at:
        yield at


@pytest.fixture
def evening(clinic):
    return groups.a_group(clinic)
