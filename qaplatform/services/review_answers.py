"""Answers of an inspector → what a review says: rulings on criteria and findings, and the score they make.

An inspector may leave out what follows from the rest: words they marked fail a criterion, findings that are all wrong fail
none. In a blind review their answers become rulings on what they have not seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import msgspec

from qaplatform.audit.graded import Graded, GradedScore, graded_score
from qaplatform.audit.rubric import Rubric
from qaplatform.audit.ruling import Decision, Judged, RuledScore
from qaplatform.errors import QAPlatformError
from qaplatform.services.review_drafts import Answer, Draft
from qaplatform.store.reviews import JudgedAudit, NewRuling

_NEEDS_REASON = frozenset({"overrule"})


class UnansweredError(QAPlatformError):
    """Some criteria still need an answer: what the machine failed, and what was overruled without a reason."""

    code: ClassVar[str] = "review.unanswered"

    def __init__(self, missing: Sequence[str], unreasoned: Sequence[str]) -> None:
        super().__init__(f"unanswered: {', '.join(missing)}; without a reason: {', '.join(unreasoned)}")
        self.missing = tuple(missing)
        self.unreasoned = tuple(unreasoned)


def whole_answers(draft: Draft, audit: JudgedAudit, *, is_blind: bool) -> dict[str, Answer]:
    """The answers with what follows from them: added findings fail a criterion, findings that are all wrong fail none.

    Of a blind review: as answers to the machine that the inspector has not seen.
    """
    outcomes = {criterion: outcome for criterion, outcome, _, _ in audit.results}
    answers = dict(draft.by_criterion)
    for one in draft.added:
        # Of a blind review the inspector does not know what the machine failed: words they marked fail it as well.
        if one.criterion not in answers and (is_blind or outcomes.get(one.criterion) != "fail"):
            answers[one.criterion] = Answer(one.criterion, "overrule", "fail", reason=one.comment)
    if is_blind:
        return {
            id: _seen(id, outcome, answers.get(id)) for id, outcome in outcomes.items() if outcome != "unscored"
        } | {id: one for id, one in answers.items() if outcomes.get(id, "unscored") == "unscored"}
    added = {one.criterion for one in draft.added}
    return {id: _plain(one, outcomes.get(id), audit, has_added=id in added) for id, one in answers.items()}


def _plain(one: Answer, outcome: str | None, audit: JudgedAudit, *, has_added: bool) -> Answer:
    places = {place for criterion, place in audit.findings if criterion == one.criterion}
    one = msgspec.structs.replace(one, wrong=tuple(sorted(places.intersection(one.wrong))))
    if one.kind == "confirm" and outcome == "fail" and not has_added and places and places <= set(one.wrong):
        return msgspec.structs.replace(one, kind="overrule", outcome="pass")
    if one.kind == "overrule" and one.outcome is None:
        return msgspec.structs.replace(one, outcome="pass" if outcome == "fail" else "fail")
    if one.kind == "overrule" and one.outcome == outcome:
        return msgspec.structs.replace(one, kind="confirm", outcome=None)
    return one


def _seen(id: str, outcome: str, one: Answer | None) -> Answer:
    """What an inspector said without knowing the machine's outcome, as a ruling on it."""
    if one is not None and one.kind in ("not_applicable", "not_the_agent"):
        return one
    said: Literal["pass", "fail"] = "pass"
    if one is not None:
        said = one.outcome or "pass"
    kind: Literal["confirm", "overrule"] = "confirm" if said == outcome else "overrule"
    reason = "" if one is None else one.reason
    return Answer(id, kind, None if kind == "confirm" else said, reason=reason, agent_id=one.agent_id if one else None)


def refuse_unanswered(answers: Mapping[str, Answer], audit: JudgedAudit, *, is_blind: bool) -> None:
    """See that whatever the machine failed is answered, and whatever needs a reason has one.

    Raises:
        UnansweredError: something is missing.
    """
    failed = [criterion for criterion, outcome, _, _ in audit.results if outcome == "fail"]
    missing = [id for id in failed if id not in answers]
    unreasoned = [
        id for id, one in answers.items() if one.kind in _NEEDS_REASON and not one.reason.strip() and not is_blind
    ]
    unreasoned += [id for id, one in answers.items() if one.kind == "not_the_agent" and one.cause is None]
    if missing or unreasoned:
        raise UnansweredError(missing, unreasoned)


def rulings_of(answers: Mapping[str, Answer], audit: JudgedAudit, ruled: RuledScore) -> tuple[NewRuling, ...]:
    """The answers as rulings on criteria, with the points they make."""
    before = {criterion: outcome for criterion, outcome, _, _ in audit.results}
    after = {one.criterion: one for one in ruled.criteria}
    return tuple(
        NewRuling(
            criterion=id,
            kind=one.kind,
            from_outcome=before.get(id, "not_applicable"),
            to_outcome=after[id].outcome,
            points=after[id].points,
            cause=one.cause,
            agent_id=one.agent_id,
            reason=one.reason.strip() or None,
        )
        for id, one in answers.items()
        if id in after
    )


def finding_rulings_of(answers: Mapping[str, Answer], audit: JudgedAudit) -> dict[int, bool]:
    """Which findings are some, where the answer says it."""
    out = {}
    for (criterion, place), id in audit.findings.items():
        one = answers.get(criterion)
        if one is None:
            continue
        match one.kind:
            case "confirm" | "not_the_agent":
                out[id] = place not in one.wrong
            case "overrule" if one.outcome == "pass":
                out[id] = False
            case "not_applicable":
                out[id] = False
            case "answer":
                # Findings of what the machine left unscored are hints.
                out[id] = one.outcome == "fail" and place not in one.wrong
            case _:
                pass
    return out


def score_of(
    rubric: Rubric,
    audit: JudgedAudit,
    answers: Mapping[str, Answer],
    draft: Draft,
    *,
    is_blind: bool,
    graded: Mapping[str, Graded] | None = None,
) -> GradedScore:
    """The score that some answers make; those of a model (``graded``) only where no person answered.

    Words marked in a blind review may be those that the machine has found: they stand instead of its findings.
    """
    found = Counter(criterion for criterion, _ in audit.findings)
    added = Counter(one.criterion for one in draft.added)
    judged = [
        Judged(criterion, outcome, points, most, found[criterion])  # type: ignore[arg-type]
        for criterion, outcome, points, most in audit.results
    ]
    decisions = {
        id: Decision(
            one.kind, one.outcome, added[id] + (0 if is_blind and added[id] else max(found[id] - len(one.wrong), 0))
        )
        for id, one in answers.items()
    }
    return graded_score(rubric, judged, graded or {}, decisions)
