"""The first half of the way: from the public form to a booked week, each step by the hands of the right role."""

import re

from .story import Story, days_from_now

MEDICAL = {
    "substances": "some", "substances_0_substance": "cannabis", "substances_0_daily": "no", "substances_0_weeks": 20,
    "intoxicated": "no", "withdrawal_seizure": "no", "delirium": "no", "heart_rate": 72, "systolic": 122, "diastolic": 78,
    "resp_rate": 14, "spo2": 98, "temp_c": 36.8, "consciousness": "alert", "signs": "none", "conditions": "none",
    "other_conditions_asked": "none", "pregnant": "no", "medications_asked": "some", "medications": "Sertraline 50 mg since March",
    "allergies_asked": "none", "medical_view": "Well enough for outpatient care.",
}  # fmt: skip
CLINICAL = {
    "reason": "I want my evenings back.", "goals_own_words": "Be there for my daughter.", "treatment_history_asked": "none",
    "sud_diagnosis": "yes", "suicide_risk": "none", "violence_now": "no", "psychiatric_history_asked": "none",
    "home": "supportive", "daily_visits": "yes", "family_asked": "some", "family": "A sister nearby", "legal_asked": "none",
    "clinical_view": "Needs structure several times a week.",
}  # fmt: skip
WITHDRAWAL = {"history_withdrawals": 0, "breath_alcohol": 0, "age": 34, "setting_transport": "yes"}
PHQ_9 = (1, 2, 1, 2, 1, 2, 2, 1, 0)
SCORES = (
    ("phq-9", PHQ_9),
    ("gad-7", (2, 2, 1, 2, 1, 1, 2)),
    ("audit", (1,) + (0,) * 9),
    ("dast-10", (1, 0, 1) + (0,) * 7),
)
RATINGS = {"1": 0, "2": 0, "3": 1, "4": 2, "5": 2}


def visitor_asks(story: Story) -> None:
    """1. The public site: read about the program, take the self-check, ask for an assessment."""
    visitor = story.opens(phone=True)
    visitor.goes("/")
    visitor.looks()
    visitor.goes("/compare/")
    visitor.looks()
    visitor.goes("/request-assessment/")
    visitor.looks()
    visitor.answers(
        first_name=story.first, phone=story.phone, safe_contact="Text only", message="I work nights on Fridays."
    )
    visitor.page.get_by_text("Write the times instead").click()
    for day in ("mon", "tue", "wed", "thu", "sat", "sun"):
        for tick in visitor.page.locator(f'input[type=checkbox][name="{day}"]').all():
            tick.check()
    visitor.presses("Send")
    visitor.reads("R-", "main")
    visitor.reads("988")
    visitor.looks()


def coordinator_calls_and_books(story: Story) -> None:
    """2. The inquiry board: take it on, log the call, book the assessment, begin it when they are there."""
    iris = story.at_desk_of("iris")
    iris.goes("/inquiries/")
    iris.looks()
    iris.goes(f"/inquiries/?q={story.first}")
    iris.follows(re.compile(story.first), "main")
    iris.reads("Text only")
    own = iris.unfolds("Owner and next step")
    iris.answers(own, owner=re.compile("Iris Fallow"), next_step="Call and offer a time")
    iris.presses("Save", own)
    iris.reads("Saved who looks after it.")
    calls = iris.page.locator("section", has=iris.page.locator("#log"))
    iris.answers(calls, channel="phone", outcome="reached", note="Wants mornings; has a ride.")
    iris.presses("Save the contact", calls)
    iris.reads("The contact is in the log.")
    iris.unfolds("Book the assessment")
    iris.follows("Show the next free times")
    iris.looks()
    iris.presses(re.compile(story.counselor[1]))
    iris.reads("Assessment booked:")
    iris.looks()
    here = iris.unfolds("They are here: begin the assessment")
    iris.answers(here, last_name=story.last)
    iris.presses("Begin the assessment", here)
    story.client_id = int(re.findall(r"/(\d+)/", iris.page.url)[0])
    iris.looks()


def clinicians_assess(story: Story) -> None:
    """3. Scores, the clinical and the medical assessment, the ratings of the dimensions; each signed by who may."""
    counselor, pax = story.at_desk_of(story.counselor[0]), story.at_desk_of("pax")
    for instrument, answers in SCORES:
        counselor.goes(story.chart(f"instruments/{instrument}/"))
        counselor.answers(**dict(zip(counselor.ids_of("main form fieldset[id]"), answers, strict=False)))
        counselor.presses("Score")
        counselor.looks()
    _assess(
        story,
        counselor,
        "clinical",
        {**{k: v for k, v in MEDICAL.items() if k.startswith("substances")}, **CLINICAL},
        story.counselor[1],
    )
    _assess(story, pax, "medical", MEDICAL, "Pax Ferrier")
    counselor.goes(story.chart("dimensions/"))
    for number, rating in RATINGS.items():
        counselor.answers(**{f"rating_{number}": rating, f"evidence_{number}": "Seen and told at the visit."})
    counselor.presses("Keep the ratings")
    counselor.looks()


def _assess(story: Story, clinician, sort: str, answers: dict, name: str) -> None:  # type: ignore[no-untyped-def]
    clinician.goes(story.chart("assessment/"))
    clinician.looks()
    clinician.presses(re.compile(f"Begin.*{sort}", re.I | re.S))
    clinician.answers(**answers)
    clinician.answers(substances_0_last_use_hours=f"{days_from_now(-20)}T20:00", signed_name=name)
    clinician.presses("Sign")
    clinician.reads(re.compile("assessment signed", re.I))


def gate_and_level(story: Story) -> None:
    """4. The withdrawal gate, signed by the prescriber; the level of care recommended, and decided by the counselor."""
    pax, counselor = story.at_desk_of("pax"), story.at_desk_of(story.counselor[0])
    pax.goes(story.chart("withdrawal/"))
    pax.looks()
    pax.answers(**WITHDRAWAL)
    pax.presses("Check")
    pax.looks()
    pax.answers(signed_name="Pax Ferrier")
    pax.presses("Sign")
    pax.reads("Signed.")
    counselor.goes(story.chart("placement/"))
    counselor.answers(pathway="first-line", sud_diagnosis="yes", gates="none")
    counselor.presses("Recommend again")
    counselor.looks()
    counselor.answers(selected="2.1")
    counselor.presses("Decide")
    counselor.reads(re.compile("Decided: "))
    counselor.looks()


def admission(story: Story) -> None:
    """5. The fee explained in a sentence, the forms read and signed on screen, the team, the first day."""
    iris = story.at_desk_of("iris")
    iris.goes(story.chart("admission/"))
    iris.looks()
    while papers := iris.page.locator("details[id^=sign-]").all():
        paper = papers[0]
        if paper.get_attribute("open") is None:
            paper.locator("summary").click()
        iris.answers(paper, signed_name=story.name)
        iris.presses("Sign", paper)
        iris.reads("Signed and kept.")
    iris.answers(
        primary_counselor=re.compile(story.counselor[1]), prescriber=re.compile("Pax"), case_manager=re.compile("Casey")
    )
    iris.presses(re.compile("^Admit"))
    iris.reads(re.compile("Admitted."))
    iris.looks()
    bill = story.at_desk_of("bill")
    bill.goes(story.chart("coverage/"))
    fee = bill.unfolds("Agree on a fee")
    bill.answers(fee, income=24000, household=2, signed_name=story.name)
    bill.presses("Agree", fee)
    bill.reads("Fee agreed.")
    bill.reads(re.compile(r"\$\d+"), "main")
    bill.looks()


def plan_of_care(story: Story) -> None:
    """6. The plan: a goal of the library, an objective, what is done for it, signed by the counselor."""
    counselor = story.at_desk_of(story.counselor[0])
    counselor.goes(story.chart("plan/"))
    counselor.presses("Start the plan")
    counselor.looks()
    library = counselor.unfolds("Take a goal from the library")
    counselor.answers(library, goal_id=re.compile("sleep|rest|safe", re.I))
    counselor.presses("Take this goal", library)
    counselor.reads("Goal taken from the library.")
    frame = counselor.page.locator("#frame")
    counselor.answers(
        frame,
        strengths="Keeps going; a sister who stands by.",
        discharge_criteria="Eight weeks, goals met, aftercare in place.",
    )
    counselor.presses("Save hours and dates", frame)
    counselor.reads("Frame saved.")
    counselor.answers("aside", signed_name=story.counselor[1])
    counselor.presses("Sign the plan", "aside")
    counselor.reads("The plan is in force")
    counselor.looks()


def week(story: Story) -> None:
    """7. The client's times against the clinic's groups: ranked weeks, one chosen and booked."""
    iris = story.at_desk_of("iris")
    iris.goes(story.chart("week/"))
    iris.looks()
    iris.follows(re.compile("Choose this week"), "main")
    iris.looks()
    iris.answers(since=days_from_now(1))
    iris.presses("Book this week")
    iris.reads(re.compile(r"a week in \d+ group"))
    iris.looks()


STEPS = [visitor_asks, coordinator_calls_and_books, clinicians_assess, gate_and_level, admission, plan_of_care, week]
