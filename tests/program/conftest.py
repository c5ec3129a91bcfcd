from datetime import timedelta

import pytest

from middleground.kernel import clock
from tests.program import groups


@pytest.fixture(autouse=True)
def this_morning():
    """Every test of this room begins at 9 in the morning: the evening group is still to come.

    Of the next weekday, as the ledger keeps no cells for what has ended by the real clock and sites close on Sundays.
    """
    coming = (clock.today() + timedelta(days=ahead) for ahead in (1, 2, 3))
    with clock.at(groups.local(next(day for day in coming if day.weekday() < 5), 9)) as at:
        yield at


@pytest.fixture
def evening(clinic):
    return groups.a_group(clinic)
