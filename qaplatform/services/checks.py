"""What rulings say of checks: how often the machine is right (precision), and how much it finds (recall).

*Precision*: of the machine's failures that people answered, the share that stood. *Not the agent's fault* stands: the machine
saw what was there, though nobody loses points for it. Blind reviews are left out: who does not see a finding does not answer it.

*Recall*: of all failures that people hold true in reviewed random draws, the share that the machine had found. Priority draws
never enter: they are drawn by what the machine found. What the machine leaves unscored it does not claim to see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.masking import Language
from qaplatform.audit.rubric import Criterion
from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.masking import shown_many
from qaplatform.services.noting import note
from qaplatform.services.rubric_books import rubric_book
from qaplatform.services.rubric_drafts import open_draft
from qaplatform.services.rubric_faults import UnknownRubricError
from qaplatform.services.rubric_marks import with_hint, without_hint
from qaplatform.services.rubrics import RubricInForce
from qaplatform.services.statistics import LEAST_SHARE, Share, share
from qaplatform.store import checks as store
from qaplatform.store.checks import Counted, RuledChat, Wanted
from qaplatform.store.conversation_words import about
from qaplatform.store.filter_choices import Choice, filter_choices
from qaplatform.store.nul import without_nul
from qaplatform.store.settings import read_setting, write_setting

SEE, STEER = "checks.see", "checks.steer"
DAYS = (30, 90, 180, 365)
DEFAULT_DAYS, DEFAULT_FLOOR = 90, 0.7
MORE_RULINGS = LEAST_SHARE
"""So many failures must be ruled on before a proposal that was put aside comes again."""
MOST_REASON_CHARS = 500
_FLOOR = "checks.floor"
Side = Literal["hit", "wrong", "missed"]


class UnknownCheckError(QAPlatformError):
    """There is no such criterion in the newest version of the rubric; look at the list of checks."""

    code: ClassVar[str] = "checks.unknown"


class SameAlreadyError(QAPlatformError):
    """The newest version has it so already: a hint, or scored; look at the check again."""

    code: ClassVar[str] = "checks.same"


class CheckReasonError(QAPlatformError):
    """Say why the check shall go on taking points off, in 500 characters at most."""

    code: ClassVar[str] = "checks.reason"


class FloorError(QAPlatformError):
    """The floor must be a share from 0.5 to 0.99."""

    code: ClassVar[str] = "checks.floor"


class Asked(msgspec.Struct, frozen=True):
    """Which rulings: of the last days, of a shop, of the newest version of a rubric alone."""

    code: str | None = None
    days: int = DEFAULT_DAYS
    shop_id: int | None = None
    newest_only: bool = False


class CheckFigures(msgspec.Struct, frozen=True):
    """One criterion: its two shares, and whether it should rather be a hint."""

    id: str
    title_zh: str
    title_en: str
    is_hint: bool
    precision: Share
    recall: Share
    is_proposed: bool = False
    """To be made a hint, or, where it is one, to be scored again."""
    kept_reason: str | None = None
    """Why a lead keeps it as it is."""

    def title(self, language: str) -> str:
        """In a language."""
        return self.title_en if language.startswith("en") else self.title_zh


class ChecksPage(msgspec.Struct, frozen=True):
    """All checks of a rubric."""

    code: str
    content_hash: str
    codes: tuple[tuple[str, str, str], ...]
    """Rubrics there are: code, Chinese and English titles."""
    floor: float
    random_chats: int
    checks: tuple[CheckFigures, ...]
    shops: tuple[Choice, ...]


def checks_page(session: Session, viewer: Viewer, asked: Asked, *, now: datetime) -> ChecksPage:
    """The figures of all criteria that a machine judges.

    Raises:
        AccessError: the viewer may not see them.
        UnknownRubricError: there is no such rubric.
    """
    viewer.demand(SEE)
    book = rubric_book(session).last
    one = _chosen(book, asked.code)
    wanted = wanted_of(viewer, one, asked, now)
    seen = store.counted(session, wanted, only_random=False)
    drawn = store.counted(session, wanted, only_random=True)
    limit, kept = floor(session), store.kept(session, one.rubric.id)
    checks = []
    for criterion in one.rubric.criteria:
        if criterion.kind != "check":
            continue
        mine = figures(criterion, seen, drawn)
        known = kept.get(criterion.id)
        is_kept = known is not None and known[1] < MORE_RULINGS
        # A rubric is everybody's: what one shop's rulings say is no reason to change it for all.
        is_for_all = asked.shop_id is None and viewer.scope(SEE).everything
        is_proposed = is_above(mine, limit) if mine.is_hint else is_below(mine, limit) and not is_kept
        reason = known[0].reason if known and is_kept and not mine.is_hint else None
        checks.append(msgspec.structs.replace(mine, is_proposed=is_for_all and is_proposed, kept_reason=reason))
    shops = filter_choices(session, viewer.scope(SEE)).shops
    codes = tuple((it.rubric.id, it.rubric.title.zh, it.rubric.title.en) for it in book)
    return ChecksPage(
        one.rubric.id, one.rubric.content_hash, codes, limit, store.random_chats(session, wanted), tuple(checks), shops
    )


def one_check(
    session: Session, viewer: Viewer, criterion_id: str, asked: Asked, *, now: datetime
) -> tuple[RubricInForce, Criterion, Wanted]:
    """A criterion of the newest version, and which rulings on it are asked for.

    Raises:
        AccessError: the viewer may not see it.
        UnknownRubricError, UnknownCheckError: there is none.
    """
    viewer.demand(SEE)
    one = _chosen(rubric_book(session).last, asked.code)
    criterion = next((it for it in one.rubric.criteria if it.id == criterion_id and it.kind == "check"), None)
    if criterion is None:
        raise UnknownCheckError
    return one, criterion, wanted_of(viewer, one, asked, now)


def check_figures(session: Session, criterion: Criterion, wanted: Wanted) -> CheckFigures:
    """The figures of one criterion."""
    return figures(
        criterion,
        store.counted(session, wanted, only_random=False),
        store.counted(session, wanted, only_random=True),
    )


def figures(criterion: Criterion, seen: Iterable[Counted], drawn: Iterable[Counted]) -> CheckFigures:
    """Both shares, from what was counted of reviews that saw the machine's answers, and of random draws."""
    by = {name: _sides(criterion.id, some) for name, some in (("seen", seen), ("drawn", drawn))}
    stood, wrong = by["seen"]["hit"], by["seen"]["wrong"]
    found, missed = by["drawn"]["hit"], by["drawn"]["missed"]
    recall = share(0, 0) if criterion.hint else share(found, found + missed)
    title = criterion.title
    return CheckFigures(criterion.id, title.zh, title.en, criterion.hint, share(stood, stood + wrong), recall)


def side_of(kind: str, from_outcome: str, to_outcome: str) -> Side | None:
    """What a ruling says of the machine: it was right to fail, wrong to, or missed a failure; ``None``: none of these."""
    is_true = to_outcome == "fail" or kind == "not_the_agent"
    if from_outcome == "fail":
        return "hit" if is_true else "wrong"
    if from_outcome == "unscored":
        # Only rulings on a hint leave it unscored; what else was unscored the machine has not judged.
        said: dict[str, Side] = {"confirm": "hit", "answer": "wrong"}
        return said.get(kind) if to_outcome == "unscored" else None
    return "missed" if is_true else None


def _sides(criterion: str, some: Iterable[Counted]) -> Counter[Side | None]:
    out: Counter[Side | None] = Counter()
    for one in some:
        if one.criterion == criterion:
            out[side_of(one.kind, one.from_outcome, one.to_outcome)] += one.count
    return out


def is_below(one: CheckFigures, limit: float) -> bool:
    """Whether a criterion should become a hint: even the upper end of its precision lies under the floor."""
    precision = one.precision
    return not one.is_hint and precision.is_enough and precision.high is not None and precision.high < limit


def is_above(one: CheckFigures, limit: float) -> bool:
    """Whether a hint may be scored again: even the lower end of its precision reaches the floor."""
    precision = one.precision
    return one.is_hint and precision.is_enough and precision.low is not None and precision.low >= limit


def ruled_chats(
    session: Session,
    criterion: Criterion,
    wanted: Wanted,
    *,
    by_recall: bool,
    page: int,
    page_size: int,
    language: Language = "zh",
) -> Sequence[tuple[RuledChat, Side | None]]:
    """The chats behind a figure, one more than a page where there are more; reasons are masked like chats."""
    rows = store.ruled_chats(
        session, wanted, criterion.id, only_random=by_recall, offset=(page - 1) * page_size, limit=page_size + 1
    )
    known = about(session, [one.conversation_id for one in rows])
    names = [(key,) if (key := known[one.conversation_id].customer_key) else () for one in rows]
    masked = shown_many([[one.reason or ""] for one in rows], unmasked=False, language=language, known_names=names)
    return [
        (msgspec.structs.replace(one, reason=text.text), side_of(one.kind, one.from_outcome, one.to_outcome))
        for one, (text,) in zip(rows, masked, strict=True)
    ]


def floor(session: Session) -> float:
    """Below which precision a check is proposed as a hint."""
    value = read_setting(session, _FLOOR)
    return float(value) if isinstance(value, (int, float)) else DEFAULT_FLOOR


def set_floor(session: Session, viewer: Viewer, value: float, *, now: datetime) -> None:
    """Set the floor.

    Raises:
        AccessError: the viewer may not.
        FloorError: it is no such share.
    """
    viewer.demand(STEER)
    if not 0.5 <= value <= 0.99:
        raise FloorError
    write_setting(session, _FLOOR, round(value, 2))
    note(session, viewer, now, "checks.floor_set", ("check", None))


def propose_hint(session: Session, viewer: Viewer, code: str, criterion_id: str, *, now: datetime) -> int:
    """Open a draft with a criterion made a hint; the draft's id.

    Raises:
        AccessError: the viewer may not edit rubrics.
        UnknownRubricError, UnknownCheckError: there is none.
        SameAlreadyError: it is one.
    """
    return _hint_draft(session, viewer, code, criterion_id, is_hint=True, now=now)


def propose_scoring(session: Session, viewer: Viewer, code: str, criterion_id: str, *, now: datetime) -> int:
    """Open a draft with a hint made a criterion that is scored again; the draft's id.

    Raises:
        AccessError: the viewer may not edit rubrics.
        UnknownRubricError, UnknownCheckError: there is none.
        SameAlreadyError: it is no hint.
        UneditableYamlError: its line cannot be taken out without disturbing others.
    """
    return _hint_draft(session, viewer, code, criterion_id, is_hint=False, now=now)


def _hint_draft(session: Session, viewer: Viewer, code: str, criterion_id: str, *, is_hint: bool, now: datetime) -> int:
    viewer.demand(STEER)
    one, criterion, _ = one_check(session, viewer, criterion_id, Asked(code or None), now=now)
    changes = (with_hint if is_hint else without_hint)(one.files, criterion.id)
    if criterion.hint == is_hint or not changes:
        raise SameAlreadyError
    said = f"{criterion.title.zh}：{'改为提示，不计分' if is_hint else '恢复计分'}"
    return open_draft(session, viewer, one.rubric.id, now=now, changes=changes, note=said).id


def keep_scoring(session: Session, viewer: Viewer, code: str, criterion_id: str, reason: str, *, now: datetime) -> None:
    """Put the proposal to make a criterion a hint aside, until more rulings have come in.

    Raises:
        AccessError: the viewer may not.
        UnknownRubricError, UnknownCheckError: there is none.
        CheckReasonError: there is no reason, or it is too long.
    """
    viewer.demand(STEER)
    one, criterion, _ = one_check(session, viewer, criterion_id, Asked(code or None), now=now)
    reason = str(without_nul(reason)).strip()
    if not reason or len(reason) > MOST_REASON_CHARS:
        raise CheckReasonError
    id = store.keep(session, one.rubric.id, criterion.id, reason, user_id=viewer.user_id, now=now)
    note(session, viewer, now, "checks.kept", ("check", id))


def wanted_of(viewer: Viewer, one: RubricInForce, asked: Asked, now: datetime) -> Wanted:
    """The rulings that are asked for, of those the viewer may see."""
    days = asked.days if asked.days in DAYS else DEFAULT_DAYS
    newest = one.rubric.content_hash if asked.newest_only else None
    return Wanted(viewer.scope(SEE), one.rubric.id, now - timedelta(days=days), asked.shop_id, newest)


def _chosen(book: Sequence[RubricInForce], code: str | None) -> RubricInForce:
    found = next((one for one in book if code in (None, one.rubric.id)), None)
    if found is None:
        raise UnknownRubricError
    return found
