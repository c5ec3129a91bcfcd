"""The second half of the way: sessions, medical care, the client's phone and the family's, supports, review, discharge, the director."""

import re
from datetime import timedelta

from .hands import Hands
from .story import Story, days_from_now, now


def session(story: Story) -> None:
    """8. An individual session now: attendance, the line tied to the objective, the signature."""
    counselor = story.at_desk_of(story.counselor[0])
    counselor.goes(f"/appointments/new/?client={story.client_id}")
    counselor.looks()
    for later in range(5):  # whatever quarter hour of the coming one is free
        start = now().replace(minute=now().minute // 15 * 15) + timedelta(minutes=15 * later)
        counselor.answers(sort="individual", start=f"{start:%Y-%m-%dT%H:%M}", minutes=30)
        counselor.presses("Book it")
        if "/appointments/" not in counselor.page.url:
            break
    counselor.reads("Booked: the client, the staff member and the room.")
    counselor.looks()
    who = story.client_id
    counselor.page.locator(f'input[name="mark-{who}"][value="present"]').check(force=True)
    counselor.answers(
        **{"method": "cbt", f"response-{who}": "Named two evenings that are hard and made a plan for each."}
    )
    counselor.presses("Sign")
    counselor.reads("Signed. The note is locked.")
    counselor.looks()


def medical(story: Story) -> None:
    """9. A recovery medicine, a condition, naloxone in hand, a drug screen with its result talked over."""
    pax = story.at_desk_of("pax")
    for what, button, answers in (
        (
            "medicine",
            "List it",
            {
                "drug": "naltrexone-oral",
                "dose": "50 mg",
                "route": "oral",
                "frequency": "once a day",
                "prescribed_here": True,
                "started_on": days_from_now(0),
            },
        ),
        ("condition", "Record it", {"name": "Low mood since spring", "sort": "mental-health"}),
        ("naloxone", "Record it", {"mark": "given", "form": "nasal"}),
        ("screen", "Order it", {"reason": "scheduled", "method": "presumptive"}),
    ):
        pax.goes(story.chart(f"medical/new/{what}/"))
        pax.answers(**answers)
        pax.presses(button)
        pax.looks()
    pax.goes(story.chart("medical/"))
    pax.looks()
    pax.follows(re.compile("Record result"), "main")
    pax.answers(panel_fentanyl="negative", panel_cannabis="positive")
    pax.presses("Keep the result")
    pax.follows("Talk it over", "main")
    pax.answers(client_says="Smoked on Saturday, wants to talk about weekends.")
    pax.presses("Keep what was said")
    pax.reads("Talked over")
    pax.looks()


def companion(story: Story) -> None:
    """10. The client's own phone, by a code given in person: check-in, card, lesson, plan signed; the family's phone beside it."""
    iris = story.at_desk_of("iris")
    iris.goes(story.chart("sign-in/"))
    iris.presses("Make a code")
    iris.looks()
    client = with_code(story, *iris.page.locator("main dl.facts dd").all_inner_texts()[:2])
    client.reads(story.first)
    client.follows(re.compile("Check in"), "main")
    client.looks()
    client.answers(craving=4, mood=6, sleep_hours=7)
    client.presses("Send")
    client.looks()
    client.goes("/me/craving/edit/")
    client.answers("#steps", **{"steps-known": ["walk", "call-someone"]})
    client.presses("Save", "#steps")
    client.answers("#people", **{"people-name0": "Ines", "people-phone0": "555-0188"})
    client.presses("Save", "#people")
    client.goes("/me/craving/")
    client.reads("Ines", "main")
    client.looks()
    client.goes("/me/lessons/cravings/")
    client.answers(peak="drop", first="safe")
    client.presses("Done")
    client.looks()
    sign_plan_and_share(story, client)


def with_code(story: Story, name: str, code: str) -> Hands:
    """A phone signed in with the name and code that were handed over."""
    phone = story.opens(phone=True)
    phone.goes("/account/code/")
    phone.looks()
    phone.answers(username=name.strip(), code=code.strip())
    phone.presses("Sign in")
    phone.looks()
    return phone


def sign_plan_and_share(story: Story, client: Hands) -> None:
    client.goes("/me/plan/")
    client.looks()
    client.answers(text="I would like mornings.")
    client.presses("Send my words")
    client.answers(signed_name=story.name)
    client.presses("Sign my plan")
    client.reads("You signed it")
    client.goes("/me/family/invite/")
    client.answers(name="Ines Fennimore", relation="sibling")
    client.presses("Make a sign-in")
    client.looks()
    name, code = client.page.locator("main dl.code dd").all_inner_texts()[:2]
    sister = with_code(story, name, code)
    sister.reads("Nothing is shared with you right now.")
    client.follows("Choose what they see", "main")
    client.looks()
    client.answers(signed_name=story.name)
    client.presses("Sign")
    client.looks()
    sister.goes("/family/")
    sister.reads(f"What {story.first} shares with you")
    sister.looks()


def supports(story: Story) -> None:
    """11. A need in the client's words, a referral, and the loop closed."""
    casey = story.at_desk_of("casey")
    casey.goes(story.chart("supports/need/"))
    casey.answers(area="employment", client_words="I want a day job.", priority="2-soon")
    casey.presses("Keep it")
    casey.looks()
    casey.follows(re.compile("^Refer"), "main")
    casey.looks()
    casey.answers(resource=re.compile("River Works"))
    casey.presses("Refer")
    casey.looks()
    closing = casey.page.locator("section", has=casey.page.locator("#do-close"))
    casey.answers(closing, outcome="need-met", note="Starts on Monday.", need_met=True)
    casey.presses("Close with this outcome", closing)
    casey.reads("Closed: the loop is complete.")
    casey.looks()


def review_and_discharge(story: Story) -> None:
    """12. The same measure again, the review with measures then and now, the decision, aftercare, discharge."""
    counselor = story.at_desk_of(story.counselor[0])
    counselor.goes(story.chart("instruments/phq-9/"))
    counselor.answers(**dict.fromkeys(counselor.ids_of("main form fieldset[id]"), 0))
    counselor.presses("Score")
    counselor.goes(story.chart("review/"))
    counselor.reads("Then and now")
    counselor.answers(
        progress="yes",
        danger="none",
        goals_met=True,
        safe_at_level=True,
        engaged=True,
        summary="Evenings are calm; a job from Monday.",
    )
    counselor.presses("Show what the rules say")
    counselor.looks()
    counselor.answers(decision="discharge", override_reason="The client met the goals early and asked to finish.")
    counselor.presses("Hold the review")
    counselor.reads(re.compile("Review held"))
    counselor.looks()
    counselor.answers(
        "aside",
        keeps_me_well="Walks at dusk",
        warning_signs="Skipping calls",
        people="Ines, 555-0188",
        meetings="Thursday group",
    )
    counselor.presses("Keep the aftercare plan", "aside")
    counselor.reads("Aftercare plan kept.")
    counselor.answers(reason="completed", summary="Finished the program; goals met.", medicines="Naltrexone 50 mg daily", naloxone="given",
                      next_care="Outpatient counseling, Riverside", next_care_on=days_from_now(7))  # fmt: skip
    counselor.presses("Discharge")
    counselor.reads(re.compile("Discharged."))
    counselor.looks()
    counselor.goes(story.chart("discharge/print/"))
    counselor.looks()


def record_and_program(story: Story) -> None:
    """13. The record stays whole, one time axis tells it; the director sees the program in pictures."""
    dee = story.at_desk_of("dee")
    dee.goes(story.chart())
    dee.reads(re.compile(story.last))
    dee.looks()
    dee.goes("/director/")
    assert dee.page.locator("main svg").count() > 2
    dee.looks()


STEPS = [session, medical, companion, supports, review_and_discharge, record_and_program]
