from datetime import timedelta

import pytest

from middleground.kernel import clock
from tests.program import groups



@pytest.fixture(autouse=True)
def this_morning():
    """Every test of this room begins at 9 in the morning: the evening group is still to come.

    Of tomorrow, as the ledger keeps no cells for what has ended by the real clock.
    """
    with clock.at(groups.local(clock.today() + timedelta(days=1), 9)) as at:
        yield at


@pytest.fixture
def evening(clinic):
    return groups.a_group(clinic)
