"""``/exams/results/<dialogue>``: how a dialogue went, for whoever took it and those who see their results."""

from __future__ import annotations

from flask import render_template

from qaplatform import clock
from qaplatform.services.training import exam_grading as service
from qaplatform.services.training.catalogue import lessons_now
from qaplatform.services.training.exam_choices import next_at
from qaplatform.services.training.step_locks import locks_of
from qaplatform.web.access import permitted
from qaplatform.web.conversations import ID
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import language
from qaplatform.web.training import exam_words
from qaplatform.web.training.exam_shown import shown_of
from qaplatform.web.training.exams import LEARN, exams


@exams.get(f"/results/<{ID}:dialogue_id>")
@permitted(LEARN)
def result(dialogue_id: int) -> str:
    """The result of a dialogue that has ended."""
    viewer, now = current_viewer(), clock.now()
    with current_store().reading() as session:
        found = service.result(session, viewer, dialogue_id)
        is_own = found.user_id == viewer.user_id
        opens_at = next_at(session, found.user_id, found.dialogue.kind, now=now)
        lock = locks_of(session, viewer, now=now).of_exam(found.step or "") if is_own else None
        lessons = lessons_now(session)
    return render_template(
        "training/exams/result.html", result=found, shown=shown_of(found, lessons, language(), is_leading=not is_own),
        is_own=is_own, opens_at=opens_at, lock=lock, words_of=exam_words, may_review=not is_own and viewer.may("training.coach"),
    )  # fmt: skip
