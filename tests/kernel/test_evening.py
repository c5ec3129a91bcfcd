"""Evening in the clinic is already tomorrow in Greenwich: what happens then is dated by the clinic's day."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.records import queries as records
from middleground.records.models import CareTeamMember
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def late():
    """Half past ten tonight, told in Greenwich's time as the machine's clock does."""
    tonight = timezone.make_aware(datetime.combine(timezone.localdate(), time(22, 30)))
    with clock.at(tonight.astimezone(tz=timezone.get_fixed_timezone(0))):
        yield tonight


def test_now_is_told_in_the_clinics_own_day(late):
    assert clock.now() == late
    assert clock.now().date() == clock.today() == late.date()


def test_somebody_admitted_late_is_in_care_that_same_evening(late, clinic):
    wren = builders.a_client(clinic, "Wren", "Alder")
    with everything("test"):
        since = set(CareTeamMember.objects.filter(client=wren).values_list("since", flat=True))
    assert since and max(since) <= late.date()
    with clinic.seen_by("counselor"):
        assert records.open_episode(wren).admitted_on <= late.date()
    assert late.date() + timedelta(days=1) not in since
