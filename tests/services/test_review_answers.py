"""What follows from an inspector's answers: the score they make."""

from __future__ import annotations

import pytest

from qaplatform.services.review_answers import score_of, whole_answers
from qaplatform.services.review_drafts import Added, Answer, Draft
from qaplatform.services.rubrics import rubrics_in_force
from qaplatform.store.reviews import JudgedAudit

RUBRIC = next(one.rubric for one in rubrics_in_force() if one.rubric.id == "ecommerce-service")
FORBIDDEN = next(one for one in RUBRIC.criteria if one.deduction and one.weight)


@pytest.mark.parametrize(
    ("is_blind", "marked", "lost"),
    [(False, 0, 2), (False, 1, 3), (True, 0, 2), (True, 1, 1), (True, 3, 3)],
)
def test_words_marked_blind_stand_instead_of_what_the_machine_found(is_blind: bool, marked: int, lost: int) -> None:
    id, weight = FORBIDDEN.id, FORBIDDEN.weight
    found = {(id, place): place + 1 for place in range(2)}
    audit = JudgedAudit(None, "fail", 1, RUBRIC.id, RUBRIC.content_hash, ((id, "fail", 0.0, weight),), found)
    draft = Draft(
        answers=(Answer(id, "answer" if is_blind else "confirm", "fail" if is_blind else None),),
        added=tuple(Added(id, place, 0, 2) for place in range(marked)),
    )
    score = score_of(RUBRIC, audit, whole_answers(draft, audit, is_blind=is_blind), draft, is_blind=is_blind)
    [criterion] = score.criteria
    most = weight if FORBIDDEN.max_deduction is None else FORBIDDEN.max_deduction
    assert criterion.points == weight - min(lost * FORBIDDEN.deduction, most)
