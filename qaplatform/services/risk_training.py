"""Learning a team's risk from its rulings, as jobs: what is due, learning a version, and telling conversations of it.

A chat went wrong where the ruling says ``fail`` or ``critical``, or where the customer's rating is at most 2 of 5. Ruled
chats count fully; chats that only the customer judged count half. Figures are taken of ruled chats alone, and of random draws
alone where there are enough: what was drawn by priority was chosen by the rules, which is hard on them.

A version is used only if its cross-validated AUC is better than that of the rules beyond chance. It is kept otherwise too,
switched off, with its figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

import msgspec
import numpy as np
from sqlalchemy.orm import Session

from qaplatform.audit.batch import Batch, Ints
from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.contexts import ContextBook
from qaplatform.services.jobs import JobRun, stop_if_cancelled
from qaplatform.services.judging import ENGINE_VERSION, ToJudge, audited_batches, learned_in_order
from qaplatform.services.noting import note
from qaplatform.services.reauditing import received
from qaplatform.services.risk_features import FEATURES_VERSION, Features, features_of, joined
from qaplatform.services.risk_models import Comparison
from qaplatform.services.risk_signs import telling_signs
from qaplatform.services.teams import UnknownTeamError
from qaplatform.store import reaudits, risk_models
from qaplatform.store.jobs import announce
from qaplatform.store.reaudits import Wanted
from qaplatform.store.risk_models import ModelLine, NewModel, RuledChat

if TYPE_CHECKING:
    from qaplatform.services.risk_learning import Examples

DUE_KIND = "risk.due"
TRAIN_KIND = "risk.train"
APPLY_KIND = "risk.apply"
STEER = "risk.steer"

MIN_RULED = 200
"""Ruled chats from which a team has a model of its own."""
MIN_OF_A_KIND = 20
"""Chats gone well, and gone wrong, that there must be at least."""
MORE_RULED = 50
"""New rulings after which a model is learned anew, and at least a tenth more than it knew."""
MOST_EXAMPLES = 3000
"""The newest ones; more would take long and teach little."""
LOW_CSAT = 2.0
RATED_WEIGHT = 0.5
"""What a chat counts that the customer rated and nobody ruled on."""
MIN_RANDOM = 100
"""Random draws from which figures are taken of them alone."""
APPLIED_TO = timedelta(days=90)
"""Conversations that began so long ago at most get their risk from a new version."""
_FOLDS = 5
_SEED = 1
_PAGE = 200
_WRONG = frozenset({"fail", "critical"})


class TooFewRulingsError(QAPlatformError):
    """The team has too few ruled chats, or too few that went wrong, to learn from; rule on more first."""

    code: ClassVar[str] = "risk.too_few"


class NoActiveModelError(QAPlatformError):
    """The team has no model in use that could be switched off."""

    code: ClassVar[str] = "risk.none_active"


# --- what people ask for ------------------------------------------------------------------------------


def ask_training(session: Session, viewer: Viewer, team_id: int, *, now: datetime) -> int:
    """Have a team's risk learned anew now; the job's id.

    Raises:
        AccessError: the viewer may not steer learned risks.
        UnknownTeamError: there is no such team.
        TooFewRulingsError: there is too little to learn from.
    """
    viewer.demand(STEER)
    if risk_models.team_name(session, team_id) is None:
        raise UnknownTeamError
    if risk_models.ruled_counts(session).get(team_id, 0) < MIN_RULED:
        raise TooFewRulingsError
    job_id = announce(
        session, TRAIN_KIND, {"team_id": team_id}, now=now, unique_key=f"{TRAIN_KIND}:{team_id}", user_id=viewer.user_id
    )
    note(session, viewer, now, "risk.train_asked", ("team", team_id), job=job_id)
    return job_id


def switch_off(session: Session, viewer: Viewer, team_id: int, *, now: datetime) -> None:
    """Take a team's model out of use until somebody has another one learned; the rules speak again.

    Raises:
        AccessError: the viewer may not steer learned risks.
        NoActiveModelError: there is none in use.
    """
    viewer.demand(STEER)
    if not risk_models.retire(session, team_id, state="off", why="switched_off"):
        raise NoActiveModelError
    _announce_applying(session, team_id, now)
    note(session, viewer, now, "risk.switched_off", ("team", team_id))


# --- jobs -----------------------------------------------------------------------------------------------


def announce_due(run: JobRun) -> None:
    """Handler of the periodic job ``risk.due``: announce learning where a team has ruled enough since the last time."""
    now = run.now()
    with run.store.reading() as session:
        counts = risk_models.ruled_counts(session)
        newest = risk_models.newest_models(session)
    due = [team for team, count in sorted(counts.items()) if is_due(count, newest.get(team))]
    if not due:
        return
    with run.writing() as session:
        for team in due:
            announce(session, TRAIN_KIND, {"team_id": team}, now=now, unique_key=f"{TRAIN_KIND}:{team}")


def is_due(ruled: int, newest: ModelLine | None) -> bool:
    """Whether a team's risk is to be learned (anew) by itself."""
    if ruled < MIN_RULED:
        return False
    if newest is None or newest.features_version != FEATURES_VERSION:
        return True
    if newest.why == "switched_off":
        return False
    return ruled - newest.ruled_count >= max(MORE_RULED, newest.ruled_count // 10)


def train(run: JobRun) -> None:
    """Handler of the job ``risk.train``: learn a version for a team, and use it if it is better than the rules.

    Where there is too little to learn from, nothing is kept.

    Raises:
        JobCancelledError: somebody asked for it to stop.
    """
    team_id, as_of = int(run.payload["team_id"]), run.now()
    with run.store.reading() as session:
        ruled = risk_models.ruled_chats(session, team_id)
        chats = [one for one in ruled if one.verdict in (_WRONG | {"pass"}) or one.csat is not None][-MOST_EXAMPLES:]
        if len(ruled) < MIN_RULED or not _has_both(chats):
            return
        rated = risk_models.rated_chats(
            session, team_id, without=[one.conversation_id for one in ruled], limit=MOST_EXAMPLES - len(chats)
        )
        gathered = _gathered(session, [*chats, *rated], as_of)
    stop_if_cancelled(run)
    new = _learned(run, team_id, gathered, len(ruled), as_of)
    with run.writing() as session:
        risk_models.keep_model(session, new)
        _announce_applying(session, team_id, run.now())


def apply(run: JobRun) -> None:
    """Handler of the job ``risk.apply``: conversations get their risk from the team's model in use, else from the rules.

    Raises:
        JobCancelledError: somebody asked for it to stop, between two pages.
    """
    team_id, as_of = int(run.payload["team_id"]), run.now()
    with run.store.reading() as session:
        book = ContextBook(session)
        held = book.risks.of(session, team_id)
    done = after = 0
    while True:
        stop_if_cancelled(run)
        if held is None:
            with run.writing() as session:
                ids = risk_models.learned_conversations(session, team_id, after_id=after, limit=_PAGE)
                risk_models.give_back(session, ids)
                done += len(ids)
                run.progress(session, done)
        else:
            with run.store.reading() as session:
                ids = risk_models.conversations_since(session, team_id, as_of - APPLIED_TO, after_id=after, limit=_PAGE)
                revisions, cases = _cases(session, book, ids, as_of)
            said = learned_in_order(cases, as_of=as_of)
            risks = {
                id: (revision, one.risk, one.priority)
                for (id, revision), one in zip(revisions, said, strict=True)
                if one is not None and one.model_id == held.id
            }
            with run.writing() as session:
                done += risk_models.set_risks(session, held.id, risks)
                run.progress(session, done)
        if not ids:
            return
        after = ids[-1]


def _announce_applying(session: Session, team_id: int, now: datetime) -> None:
    announce(session, APPLY_KIND, {"team_id": team_id}, now=now)


# --- learning -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Gathered:
    """Chats to learn from, as they would be judged now."""

    chats: Sequence[RuledChat]
    cases: Sequence[ToJudge]


def _went_wrong(chat: RuledChat) -> bool:
    return chat.verdict in _WRONG or (chat.csat is not None and chat.csat <= LOW_CSAT)


def _has_both(chats: Sequence[RuledChat]) -> bool:
    wrong = sum(map(_went_wrong, chats))
    return min(wrong, len(chats) - wrong) >= MIN_OF_A_KIND


def _gathered(session: Session, chats: Sequence[RuledChat], as_of: datetime) -> _Gathered:
    by_id = {one.conversation_id: one for one in chats}
    book = ContextBook(session)
    cases: list[ToJudge] = []
    kept_ids: list[int] = []
    ids = sorted(by_id)
    for first in range(0, len(ids), _PAGE):
        revisions, some = _cases(session, book, ids[first : first + _PAGE], as_of)
        cases += some
        kept_ids += [id for id, _ in revisions]
    return _Gathered([by_id[id] for id in kept_ids], cases)


def _cases(
    session: Session, book: ContextBook, ids: Sequence[int], as_of: datetime
) -> tuple[list[tuple[int, int]], list[ToJudge]]:
    """Id and revision of conversations, and the same as they would be judged now."""
    if not ids:
        return [], []
    kept = reaudits.kept_conversations(session, Wanted(conversation_ids=tuple(ids)), after_id=0, limit=len(ids))
    messages = reaudits.messages_of(session, kept)
    cases = [received(session, book, one, messages[one.id], as_of).to_judge for one in kept]
    return [(one.id, one.revision) for one in kept], cases


def _learned(run: JobRun, team_id: int, gathered: _Gathered, ruled: int, as_of: datetime) -> NewModel:
    from qaplatform.services.risk_learning import cross_validated, learn  # noqa: PLC0415  loads scikit-learn

    batches = [(np.asarray(places), audited) for places, audited in audited_batches(gathered.cases, as_of=as_of)]
    order = np.concatenate([places for places, _ in batches])
    examples = _examples(
        [gathered.chats[place] for place in order.tolist()], [features_of(audited) for _, audited in batches]
    )
    figures = cross_validated(examples, folds=_FOLDS, seed=_SEED, between=lambda: stop_if_cancelled(run))
    model = learn(examples, seed=_SEED)
    begin = np.cumsum([0, *(len(audited) for _, audited in batches)])
    placed: list[tuple[Ints, Batch]] = [
        (np.arange(first, first + len(audited)), audited.batch)
        for first, (_, audited) in zip(begin, batches, strict=False)
    ]
    signs = telling_signs(model, examples.features, placed, examples.customer)
    return NewModel(
        team_id=team_id,
        trained_at=as_of,
        user_id=run.user_id,
        ruled_count=ruled,
        example_count=len(examples),
        wrong_count=int(examples.wrong.sum()),
        features_version=FEATURES_VERSION,
        engine_version=ENGINE_VERSION,
        is_active=figures.is_better,
        why=_why(figures),
        figures=msgspec.to_builtins(figures),
        signs=msgspec.to_builtins(signs),
        body=model.packed(),
    )


def _why(figures: Comparison) -> str:
    if figures.is_better:
        return "better"
    gain = figures.gain.value
    return "worse" if gain is not None and gain <= 0 else "not_surely_better"


def _examples(chats: Sequence[RuledChat], parts: Sequence[Features]) -> Examples:
    from qaplatform.services.risk_learning import Examples  # noqa: PLC0415  loads scikit-learn

    wrong = np.asarray([_went_wrong(one) for one in chats], np.bool_)
    is_ruled = np.asarray([one.verdict is not None for one in chats], np.bool_)
    drawn = np.asarray([one.draw == "random" for one in chats], np.bool_)
    kinds = int(wrong[drawn].sum()), int((~wrong)[drawn].sum())
    on_random = int(drawn.sum()) >= MIN_RANDOM and min(kinds) >= MIN_OF_A_KIND
    return Examples(
        features=joined(parts),
        wrong=wrong,
        badness=wrong.astype(np.float64),
        weight=np.where(is_ruled, 1.0, RATED_WEIGHT),
        # A chat without a customer is its own: nobody knows whose it is.
        customer=np.asarray(
            [one.customer_id if one.customer_id is not None else -one.conversation_id for one in chats], np.int64
        ),
        measured=drawn if on_random else is_ruled,
        measured_on="random" if on_random else "ruled",
    )
