"""Mock exams of the demo's new hires, sat in the real room at the seconds of the scenarios' reference dialogues."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy.orm import Session

from qaplatform.exam.dialogue import State
from qaplatform.exam.scenario import Reference
from qaplatform.services.access import Grant, Viewer
from qaplatform.services.demo_story import ToldExam
from qaplatform.services.training.catalogue import scenarios_now
from qaplatform.services.training.exam_beginning import SittingWanted, begin
from qaplatform.services.training.exam_clock import moment_of
from qaplatform.services.training.exam_ending import leave, own_dialogue, own_sitting, record_ends
from qaplatform.services.training.exam_playing import Played, played_of
from qaplatform.services.training.exam_reviews import NewRuling, rule
from qaplatform.services.training.exam_room import write
from qaplatform.store.training.exams import dialogues_of


def sit_exam(
    session: Session, new_hire: Viewer, mentor: Viewer, told: ToldExam, passes: Sequence[str], step: str, at: datetime
) -> None:
    """Hold one exam and end it; its rulings come the next morning."""
    # In an exam the scenario is drawn, unless a lead chooses it: the story has chosen.
    chooser = msgspec.structs.replace(new_hire, grants=(*new_hire.grants, Grant("qa_lead")))
    wanted = SittingWanted(scenarios=(told.scenario,), step=step)
    references = scenarios_now(session)[told.scenario].references
    if references is None:
        return
    instead = {one.reply: one.says for one in told.instead}
    texts = [instead.get(number, text) for number, text in enumerate(passes, 1)]
    sitting_id = begin(session, chooser, wanted, now=at, seed=references.good.seed)
    dialogue_id = dialogues_of(session, sitting_id)[0].id
    ended_at = _play(session, new_hire, dialogue_id, references.good, texts)
    record_ends(session, new_hire, sitting_id, now=ended_at)
    leave(session, new_hire, sitting_id, now=ended_at)
    for one in told.rulings:
        ruling = NewRuling(kind=one.kind, subject=one.subject, decision=one.decision, reason=one.reason)
        rule(session, mentor, dialogue_id, ruling, now=at + timedelta(hours=18))


def _play(session: Session, new_hire: Viewer, dialogue_id: int, reference: Reference, texts: Sequence[str]) -> datetime:
    """Say each text when the reference says its reply; when it is over."""
    for number, (reply, text) in enumerate(zip(reference.replies, texts, strict=True), 1):
        sitting, dialogue = own_dialogue(session, new_hire, dialogue_id)
        played = played_of(session, own_sitting(session, new_hire, sitting.id), dialogue)
        if played is None:
            break
        state = played.state if reply.at_once else _settled_down(played)
        if state.ended is not None:
            break
        second = (state.lines[-1].at_seconds if state.lines else 0) + reply.after_seconds
        write(session, new_hire, dialogue_id, text, f"demo-{dialogue_id}-{number}", now=moment_of(dialogue, second))
    _, dialogue = own_dialogue(session, new_hire, dialogue_id)
    played = played_of(session, sitting, dialogue)
    lines = () if played is None else _settled_down(played).lines
    seconds = lines[-1].at_seconds if lines else 0
    return moment_of(dialogue, seconds + 10)


def _settled_down(played: Played) -> State:
    """The dialogue once the customer has said everything; what was heard on the way there is not heard again."""
    state = played.state
    while state.ended is None and (state.coming or state.unheard):
        moment = played.customer.next_moment(state)
        if moment is None:
            break
        state = played.until(moment)
    return state
