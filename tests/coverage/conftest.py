import pytest

from middleground.kernel import clock
from tests.program import groups


@pytest.fixture(autouse=True)
def this_morning():
    """Every test of this room begins at 9 in the morning of today."""
    with clock.at(groups.local(clock.today(), 9)) as at:
        yield at
