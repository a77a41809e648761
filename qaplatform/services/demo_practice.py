"""What the demo's new hires read, were tested on and practised: through the services that everybody goes through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import msgspec
from sqlalchemy.orm import Session

from qaplatform.services.access import Viewer
from qaplatform.services.demo_story import ToldDrills
from qaplatform.services.training import drills, paper_attempts, paper_grading
from qaplatform.services.training.catalogue import drills_now, lessons_now
from qaplatform.services.training.drill_cards import card_of_drill
from qaplatform.services.training.lessons import mark_read
from qaplatform.services.training.paper_answers import Given, right_answer, shown_answer
from qaplatform.store.training.drills import card_of, codes_of
from qaplatform.store.training.papers import answers_of, attempt_of
from qaplatform.training.drawing import PaperItem
from qaplatform.training.drills import Drill
from qaplatform.training.questions import AnyQuestion, FillIn, Ordering, ShortAnswer, TrueFalse

_READING = timedelta(minutes=14)
_A_QUESTION = timedelta(seconds=48)
_A_DRILL = timedelta(seconds=95)


def read_lessons(session: Session, new_hire: Viewer, lessons: Sequence[str], at: datetime) -> None:
    """Read lessons one after the other."""
    known = lessons_now(session)
    for number, id in enumerate(lessons, 1):
        mark_read(session, new_hire, id, known.lesson(id, "zh").content_hash, now=at + number * _READING)


def take_test(session: Session, new_hire: Viewer, mentor: Viewer, paper: str, right: float, at: datetime) -> None:
    """Take a test, so much of it right, and hand it in; the mentor reads what a person must."""
    attempt_id = paper_attempts.begin(session, new_hire, paper, now=at)
    attempt = attempt_of(session, attempt_id)
    if attempt is None:
        return
    items = paper_attempts.paper_of(attempt).items
    bank = paper_attempts.kept_bank(session, answers_of(session, attempt_id))
    questions = [bank.questions[one.question] for one in items]
    chance = Random(f"{paper}-{right}")
    faulty = chance.sample(range(len(items)), len(items) - round(right * len(items)))
    for place, (item, question) in enumerate(zip(items, questions, strict=True)):
        at += _A_QUESTION
        given = _wrong(item, question) if place in faulty else shown_answer(item, right_answer(question))
        paper_attempts.save(session, new_hire, attempt_id, place + 1, given, seen="", now=at)
    paper_grading.hand_in(session, new_hire, attempt_id, now=at)
    open_ones = [one.number for one in answers_of(session, attempt_id) if one.points is None]
    points = dict.fromkeys(open_ones, (1.0, "要点都说到了。"))
    paper_grading.rule(session, mentor, attempt_id, points, now=at + timedelta(hours=1))


def answer_drills(session: Session, new_hire: Viewer, told: ToldDrills, at: datetime) -> None:
    """Answer drills, taking turns between the criteria, so much of them well."""
    faulty = told.count - round(told.right * told.count)
    for number in range(told.count):
        criterion = told.criteria[number % len(told.criteria)]
        one = _unanswered(session, new_hire, criterion)
        if one is None:
            continue
        card_id = card_of_drill(session, new_hire, one, now=at)
        answer_id = drills.show(session, new_hire, card_id, now=at)
        card = card_of(session, card_id, new_hire.user_id)
        wording = one.wordings["zh"]
        text = wording.bad if number < faulty or card is None else wording.situation.good
        drills.answer(session, new_hire, answer_id, text, now=at + timedelta(seconds=24 + 7 * number % 20))
        at += _A_DRILL


def answer_given(session: Session, viewer: Viewer, says: str, at: datetime) -> None:
    """Answer the drill that a mentor gave, if any."""
    card_id = drills.next_drill(session, viewer, now=at)
    if card_id is not None:
        answer_id = drills.show(session, viewer, card_id, now=at)
        drills.answer(session, viewer, answer_id, says, now=at + timedelta(seconds=41))


def _unanswered(session: Session, new_hire: Viewer, criterion: str) -> Drill | None:
    had = codes_of(session, new_hire.user_id)
    return next((one for one in drills_now(session).of(criterion) if one.id not in had), None)


def _wrong(item: PaperItem, question: AnyQuestion) -> Given:
    """An answer that is not right; nothing, where a person would have to read it."""
    right = shown_answer(item, right_answer(question))
    if isinstance(question, TrueFalse):
        return Given(said=not question.answer)
    if isinstance(question, Ordering):
        return msgspec.structs.replace(right, places=right.places[::-1])
    if isinstance(question, FillIn):
        return Given(blanks=("不清楚",) * len(question.blanks))
    if isinstance(question, ShortAnswer) or not right.places:
        return Given()
    others = [place for place in range(1, len(item.shown) + 1) if place not in right.places]
    return Given(places=(others[0],))
