"""The second half of the way: sessions, medical care, the client's phone and the family's, supports, review, discharge, the director."""

import re
from datetime import timedelta

from .story import Story, days_from_now, now


def session(story: Story) -> None:
    """8. An individual session now: attendance, the line tied to the objective, the signature."""
    counselor = story.at_desk_of(story.counselor[0])
    counselor.goes(f"/appointments/new/?client={story.client_id}")
    counselor.looks()
    for later in range(4):  # whatever quarter hour of the coming one is free
        start = now().replace(minute=now().minute // 15 * 15) + timedelta(minutes=15 * later)
        counselor.answers(sort="individual", start=f"{start:%Y-%m-%dT%H:%M}", minutes=50)
        counselor.presses("Book it")
        if "/appointments/" not in counselor.page.url:
            break
    counselor.reads("Booked: the client, the staff member and the room.")
    counselor.looks()
    who = story.client_id
    counselor.page.locator(f'input[name="mark-{who}"][value="present"]').check(force=True)
    counselor.answers(**{"method": "cbt", f"response-{who}": "Named two evenings that are hard and made a plan for each."})
    counselor.presses("Sign")
    counselor.reads("Signed. The note is locked.")
    counselor.looks()


def medical(story: Story) -> None:
    """9. A recovery medicine, a condition, naloxone in hand, a drug screen with its result talked over."""
    pax = story.at_desk_of("pax")
    for what, button, answers in (
        ("medicine", "List it", {"drug": "naltrexone-oral", "dose": "50 mg", "route": "oral", "frequency": "once a day", "prescribed_here": True, "started_on": days_from_now(0)}),
        ("condition", "Record it", {"name": "Low mood since spring", "sort": "mental-health"}),
        ("naloxone", "Record it", {"mark": "given", "form": "nasal"}),
        ("screen", "Order it", {"reason": "scheduled", "method": "presumptive"}),
    ):
        pax.goes(story.chart(f"medical/new/{what}/"))
        pax.answers(**answers)
        pax.presses(button)
        pax.looks()
    pax.goes(story.chart("medical/"))
    pax.page.locator('main a[href*="/screens/"]').first.click()
    pax.page.wait_for_url("**/screens/**")
    if "/result/" not in pax.page.url:
        pax.follows("Record result", "main")
    pax.looks()


def companion(story: Story) -> None:
    """10. The client's own phone by a code given in person: check-in, card, lesson, plan, consent; a sister's phone beside it."""
    iris = story.at_desk_of("iris")
    iris.goes(story.chart("sign-in/"))
    iris.presses("Make a code")
    name, code = iris.page.locator("main dl.facts dd").all_inner_texts()[:2]
    client = story.opens(phone=True)
    client.goes("/account/code/")
    client.looks()
    client.answers(username=name.strip(), code=code.strip())
    client.presses("Sign in")
    client.reads(story.first)
    client.looks()
    story.windows["client"] = client


STEPS = [session, medical, companion]
