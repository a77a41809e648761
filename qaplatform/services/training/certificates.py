"""Certificates: for exams passed by the rules of the workplace, for a path that was finished, for practice with the rubric.

A number such as ``QA-2026-000123-4`` holds the year, a running number and a check digit (H. Michael Damm, 2004), which
finds every single wrong digit and every swap of two neighbours.

Exams count since the last certificate or its revocation. Where the rules say so, a critical finding that nobody overruled
makes what was passed before it count no more. A scenario counts once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.phrases import Words
from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.noting import note
from qaplatform.services.training.learners import learner_of_user
from qaplatform.services.training.settings import TrainingSettings, training_settings
from qaplatform.store.training import certificates as stored
from qaplatform.store.training.certificates import ExamPassed, NewCertificate, StoredCertificate
from qaplatform.store.users import locked_user

__all__ = ["ExamStanding", "StoredCertificate", "Verified"]

PAGE_SIZE = 50
MOST_REASON_CHARS = 500
_NUMBER = re.compile(r"QA-([0-9]{4})-([0-9]{6,12})-([0-9])")
_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978", "3674209581", "5869720134", "8945362017",
    "9438617205", "2581436790",
)  # fmt: skip


class CertificateNumberError(QAPlatformError):
    """A number reads like QA-2026-000123-4; this one was mistyped, please look at it again."""

    code: ClassVar[str] = "certificates.number"


class RevokingReasonError(QAPlatformError):
    """Say in 1 to 500 characters why the certificate is taken back."""

    code: ClassVar[str] = "certificates.reason"


class AlreadyRevokedError(QAPlatformError):
    """This certificate was taken back before."""

    code: ClassVar[str] = "certificates.revoked"


class ExamStanding(msgspec.Struct, frozen=True):
    """How far somebody is towards the next certificate of the mock exam."""

    counted: tuple[ExamPassed, ...]
    """What counts, each scenario once, in the order in which it was passed."""
    wanted_count: int
    wanted_kinds: int

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds among what counts."""
        return frozenset(one.kind for one in self.counted)

    @property
    def is_earned(self) -> bool:
        """Whether it is enough."""
        return len(self.counted) >= self.wanted_count and len(self.kinds) >= self.wanted_kinds


class Verified(msgspec.Struct, frozen=True):
    """What a number says to whoever looks it up."""

    number: str
    kind: str
    holder: str
    issued_at: datetime
    revoked_at: datetime | None
    is_within_reach: bool
    """Whether they may open the certificate itself."""


def check_digit(digits: str) -> str:
    """Damm's check digit of some digits."""
    interim = 0
    for digit in digits:
        interim = int(_DAMM[interim][int(digit)])
    return str(interim)


def numbered(year: int, id: int) -> str:
    """The number of a certificate."""
    serial = f"{id:06d}"
    return f"QA-{year:04d}-{serial}-{check_digit(f'{year:04d}{serial}')}"


def read_number(text: str) -> str:
    """A number as somebody typed it, in our own form.

    Raises:
        CertificateNumberError: it is none, or mistyped.
    """
    match = _NUMBER.fullmatch(re.sub(r"\s", "", text).upper().replace("\u2013", "-").replace("\uff0d", "-"))
    if match is None or check_digit(match[1] + match[2]) != match[3]:
        raise CertificateNumberError
    return match[0]


def exam_standing(session: Session, user_id: int) -> ExamStanding:
    """How far somebody is towards the next certificate of the mock exam."""
    return _standing(session, user_id, training_settings(session))


def issue_earned(session: Session, user_id: int, *, now: datetime) -> list[int]:
    """Give somebody the certificate their exams have earned; ids of what is new, none where it is not earned.

    Call it whenever a verdict has come to stand: what was given before is not given again, and of two calls at the same time
    the second waits for the first and sees what it gave.
    """
    user = locked_user(session, user_id)
    if user is None:
        return []
    settings = training_settings(session)
    standing = _standing(session, user_id, settings)
    if not standing.is_earned:
        return []
    rules = {
        "exams_to_pass": settings.exams_to_pass,
        "exam_kinds": settings.exam_kinds,
        "no_critical": settings.no_critical,
        "mentor_must_agree": settings.mentor_must_agree,
        "llm_customer_certifies": settings.llm_customer_certifies,
    }
    basis = {
        "dialogues": [one.id for one in standing.counted],
        "scenarios": [one.scenario for one in standing.counted],
        "kinds": sorted(standing.kinds),
        "rules": rules,
    }
    return [_issue(session, None, user_id, user.name, "mock_exam", basis, settings, now)]


def issue_for_path(
    session: Session, by: Viewer | None, user_id: int, path: str, *, title: Words, now: datetime
) -> int | None:
    """The certificate of somebody who graduated from a path, once a path; its id, ``None`` where they have it.

    Whether they did, and who may say so, is the caller's to know.
    """
    return _issue_once(session, by, user_id, "path", {"path": path}, title, now)


def issue_for_rubric(session: Session, user_id: int, paper: str, *, title: Words, now: datetime) -> int | None:
    """The certificate of an inspector who scores by the rubric, once a paper; its id, ``None`` where they have it."""
    return _issue_once(session, None, user_id, "rubric", {"paper": paper}, title, now)


def own_certificates(session: Session, user_id: int) -> list[StoredCertificate]:
    """Somebody's certificates, the newest first, revoked ones too."""
    return stored.certificates_of(session, user_id)


def certificates_page(
    session: Session, viewer: Viewer, *, text: str = "", page: int = 1
) -> tuple[list[StoredCertificate], int]:
    """One's own certificates and those of people within reach, the newest first, and how many there are."""
    scope, offset = viewer.scope("training.see"), (page - 1) * PAGE_SIZE
    return stored.certificates_within(
        session, scope, viewer.user_id, text=text.strip()[:200], offset=offset, limit=PAGE_SIZE
    )


def certificate_seen(session: Session, viewer: Viewer, number: str) -> StoredCertificate:
    """A certificate of oneself, or of somebody within reach.

    Raises:
        NotThereError: there is none, or not for them.
    """
    found = stored.certificate_numbered(session, number)
    if found is None:
        raise NotThereError
    if found.user_id != viewer.user_id:
        learner_of_user(session, viewer, found.user_id)
    return found


def may_verify(viewer: Viewer) -> bool:
    """Whether somebody may ask whom any number belongs to: whoever sees other people's training at all."""
    scope = viewer.scope("training.see")
    return not (scope.is_empty or scope.is_one_agents)


def verify(session: Session, viewer: Viewer, text: str) -> Verified | None:
    """What a number says; ``None`` where no certificate has it.

    Raises:
        AccessError: they may not ask.
        CertificateNumberError: it is no number, or mistyped.
    """
    viewer.demand("training.learn")
    number = read_number(text)
    found = stored.certificate_numbered(session, number)
    if found is None:
        return None
    try:
        certificate_seen(session, viewer, number)
        within = True
    except NotThereError:
        within = False
    if not within and not may_verify(viewer):
        return None
    return Verified(found.number, found.kind, found.holder, found.issued_at, found.revoked_at, within)


def revoke(session: Session, by: Viewer, number: str, reason: str, *, now: datetime) -> None:
    """Take a certificate back; it stays to be seen as such.

    Raises:
        AccessError: ``by`` may not.
        NotThereError: there is none of that number for them.
        RevokingReasonError, AlreadyRevokedError: it cannot be so.
    """
    by.demand("training.publish")
    found = certificate_seen(session, by, number)
    locked_user(session, found.user_id)
    found = certificate_seen(session, by, number)
    reason = reason.strip()
    if not 1 <= len(reason) <= MOST_REASON_CHARS:
        raise RevokingReasonError
    if found.revoked_at is not None:
        raise AlreadyRevokedError
    stored.revoke(session, found.id, by=by.user_id, why=reason, now=now)
    note(session, by, now, "training.certificate_revoked", ("certificate", found.id))


def _standing(session: Session, user_id: int, settings: TrainingSettings) -> ExamStanding:
    last = next((one for one in stored.certificates_of(session, user_id) if one.kind == "mock_exam"), None)
    since = None if last is None else (last.revoked_at or last.issued_at)
    exams = stored.exams_of(session, user_id, since, agreed_only=settings.mentor_must_agree)
    return ExamStanding(_counted(exams, settings), settings.exams_to_pass, settings.exam_kinds)


def _counted(exams: Iterable[ExamPassed], settings: TrainingSettings) -> tuple[ExamPassed, ...]:
    counted: dict[str, ExamPassed] = {}
    for one in exams:
        if one.is_critical and settings.no_critical:
            counted.clear()
        elif one.is_passed and (one.customer == "script" or settings.llm_customer_certifies):
            counted.setdefault(one.scenario, one)
    return tuple(counted.values())


def _issue_once(
    session: Session, by: Viewer | None, user_id: int, kind: str, about: Mapping[str, str], title: Words, now: datetime
) -> int | None:
    user = locked_user(session, user_id)
    if user is None:
        return None
    for one in stored.certificates_of(session, user_id):
        if one.kind == kind and one.revoked_at is None and about.items() <= one.basis.items():
            return None
    basis = {**about, "title_zh": title.zh, "title_en": title.en}
    return _issue(session, by, user_id, user.name, kind, basis, training_settings(session), now)


def _issue(
    session: Session,
    by: Viewer | None,
    user_id: int,
    holder: str,
    kind: str,
    basis: dict[str, Any],
    settings: TrainingSettings,
    now: datetime,
) -> int:
    id = stored.next_id(session)
    new = NewCertificate(
        id=id, number=numbered(settings.day_of(now).year, id), kind=kind, user_id=user_id, holder=holder, basis=basis,
        issued_at=now, issued_by=by.user_id if by else None,
    )  # fmt: skip
    stored.add_certificate(session, new)
    note(session, by, now, "training.certificate_issued", ("certificate", id))
    return id
