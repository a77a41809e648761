"""Retention and erasure: texts go when their shop keeps them no longer, and all of a customer goes when they ask for it.

Both are background jobs. They may be killed anywhere and begin anew: what is gone already is passed over. First goes what
can only be found by what the customer wrote, then the conversations, then the customer's own row, then the files; at the
end the database files are written anew, so that nothing of it is left in them. ``docs/erasure.md`` says what is reached
and what an admin must see to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from qaplatform.audit.masking import find_all
from qaplatform.audit.normalise import fold, fold_tight
from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.jobs import JobRun, stop_if_cancelled
from qaplatform.services.noting import note
from qaplatform.services.uploads import FOLDER, left_behind, remove
from qaplatform.settings import KEY_FILE
from qaplatform.store import erasing, jobs, overwriting, search
from qaplatform.store.activity import note_down
from qaplatform.store.customers import CustomerLine, customers_known_as
from qaplatform.store.erasing import CustomerFound, Touched
from qaplatform.store.imports import forget_file

ERASE_CUSTOMER = "customers.erase"
PURGE_TEXTS = "conversations.purge"

_NIGHT_HOURS = range(1, 6)
_CONVERSATIONS_AT_ONCE = 50
_AGAIN_AFTER = timedelta(minutes=5)
_FEWEST_CHARS = 4
_FEWEST_PHRASE_CHARS = 10
_FEWEST_DIGITS = 7
_MOST_FOUND = 50


class CustomerNotFoundError(QAPlatformError):
    """There is no such customer; look at the conversation again."""

    code: ClassVar[str] = "customer_not_found"


class CustomerErasedError(QAPlatformError):
    """This customer was erased already."""

    code: ClassVar[str] = "customer_erased"


class NotConfirmedError(QAPlatformError):
    """What was typed is not the customer's name as it is shown; type it to confirm that these words are to go."""

    code: ClassVar[str] = "customer_not_confirmed"


# --- what people ask for -------------------------------------------------------------------------------

State = Literal["open", "under_way", "failed", "erased"]


@dataclass(frozen=True, slots=True)
class ErasureView:
    """How it stands with the erasure of a customer."""

    customer_id: int
    pseudonym: str
    state: State
    erased_at: datetime | None
    job_id: int | None
    """The job that is at it, or has failed."""
    touched: Touched
    """What there is of the customer."""


def erasure(session: Session, viewer: Viewer, customer_id: int) -> ErasureView:
    """What the erasure of a customer would touch, and how it stands with it.

    Raises:
        CustomerNotFoundError: there is none of this id, or it is of a shop where the viewer may not erase.
        AccessError: the viewer may erase nowhere.
    """
    customer = _reached(session, viewer, customer_id)
    state, job_id = _standing(session, customer_id, customer.erased_at)
    touched = erasing.touched(session, customer_id)
    return ErasureView(customer_id, customer.pseudonym, state, customer.erased_at, job_id, touched)


def find_customers(session: Session, viewer: Viewer, said: str) -> list[CustomerLine]:
    """Customers whom the viewer may erase, by pseudonym, by their name on the platform, or by an order; all of it exactly."""
    said = said.strip()
    scope = viewer.scope(ERASE_CUSTOMER)
    return customers_known_as(session, scope, said, limit=_MOST_FOUND) if said and not scope.is_empty else []


def standing(session: Session, customer_id: int) -> State:
    """How it stands with the erasure of a customer who is not erased, for pages that show something of theirs."""
    return _standing(session, customer_id, None)[0]


def ask_erasure(session: Session, viewer: Viewer, customer_id: int, *, now: datetime, typed: str | None = None) -> int:
    """Have all of a customer's words erased, for good; the id of the job that does it, a new one only if none is at it.

    ``typed`` is what a person typed to confirm it: the customer's pseudonym. ``None``: nobody was asked.

    Raises:
        CustomerNotFoundError: there is none of this id, or it is of a shop where the viewer may not erase.
        CustomerErasedError: they were erased already.
        NotConfirmedError: something else was typed.
        AccessError: the viewer may erase nowhere.
    """
    customer = _reached(session, viewer, customer_id)
    if customer.erased_at is not None:
        raise CustomerErasedError
    state, job_id = _standing(session, customer_id, None)
    if state == "under_way" and job_id is not None:
        return job_id
    if typed is not None and fold_tight(typed) != fold_tight(customer.pseudonym):
        raise NotConfirmedError
    note(session, viewer, now, "customer.erasure_asked", ("customer", customer_id), shop_id=customer.shop_id)
    payload = {"customer_id": customer_id}
    return jobs.announce(
        session, ERASE_CUSTOMER, payload, now=now, unique_key=_key(customer_id), user_id=viewer.user_id
    )


def _reached(session: Session, viewer: Viewer, customer_id: int) -> CustomerFound:
    viewer.demand(ERASE_CUSTOMER)
    customer = erasing.customer_found(session, customer_id)
    # Whether another shop has a customer of this id is told to nobody who may not erase there.
    if customer is None or not viewer.may_see(ERASE_CUSTOMER, shop_id=customer.shop_id, team_id=None, agent_id=None):
        raise CustomerNotFoundError
    return customer


def _standing(session: Session, customer_id: int, erased_at: datetime | None) -> tuple[State, int | None]:
    if erased_at is not None:
        return "erased", None
    job = erasing.job_of(session, ERASE_CUSTOMER, _key(customer_id))
    if job is None or job.state in {"done", "cancelled"}:
        return "open", None
    return ("failed" if job.state == "failed" else "under_way"), job.id


def _key(customer_id: int) -> str:
    return f"{ERASE_CUSTOMER}:{customer_id}"


# --- what the worker does ------------------------------------------------------------------------------


def erase_customer(run: JobRun) -> None:
    """The job: erase the customer of the payload. While imports are under way that may hold them, another round follows.

    Raises:
        StillReadError: the database could not be written anew; it is tried again.
    """
    customer_id = int(run.payload["customer_id"])
    with run.store.reading() as session:
        customer = erasing.customer_found(session, customer_id)
        if customer is None:
            return
        marks = _marks(session, customer_id, customer.key)
        loose_ends = erasing.loose_ends(session, customer.shop_id, marks.are_in)
    with run.writing() as session:
        erasing.clean(session, loose_ends)
    count = _erase_conversations(run, customer_id)
    with run.writing() as session:
        if erasing.is_import_under_way(session, customer.shop_id):
            _announce_again(session, run, customer_id)
        elif customer.erased_at is None:
            erasing.erase_customer(session, customer_id, now=run.now())
            note_down(
                session, now=run.now(), user_id=run.user_id, action="customer.erased", subject_kind="customer",
                subject_id=customer_id, shop_id=customer.shop_id, details={"conversations": count},
            )  # fmt: skip
    _remove_uploads(run, customer.shop_id)
    _forget_terms(run)
    overwriting.overwrite(run.store, every_page=True)


def purge_texts(run: JobRun) -> None:
    """The job, once an hour: purge the texts that shops keep no longer. Scores, findings and figures stay.

    It is done at night, as the shop has it; by day only what a night has missed.
    """
    done = 0
    with run.store.reading() as session:
        limits = {shop: _kept_since(days, zone, run.now()) for shop, days, zone in erasing.retentions(session)}
    while limits:
        stop_if_cancelled(run)
        with run.writing() as session:
            due = erasing.ended_before(session, limits, limit=_CONVERSATIONS_AT_ONCE)
            if due:
                erasing.purge(session, [id for _, id in due], now=run.now())
                done += len(due)
                run.progress(session, done)
                for shop_id, count in sorted(Counter(shop for shop, _ in due).items()):
                    note_down(
                        session, now=run.now(), user_id=None, action="conversations.purged", subject_kind="shop",
                        subject_id=shop_id, shop_id=shop_id, details={"conversations": count},
                    )  # fmt: skip
        if not due:
            break
    if done or run.done:
        _forget_terms(run)
        overwriting.overwrite(run.store, every_page=False)


def _kept_since(days: int, zone: str, now: datetime) -> datetime:
    kept = timedelta(days=days)
    is_night = now.astimezone(ZoneInfo(zone)).hour in _NIGHT_HOURS
    return now - (kept if is_night else kept + timedelta(days=1))


def _erase_conversations(run: JobRun, customer_id: int) -> int:
    last = count = 0
    while True:
        stop_if_cancelled(run)
        with run.writing() as session:
            ids = erasing.conversations_of(session, customer_id, after_id=last, limit=_CONVERSATIONS_AT_ONCE)
            if ids:
                erasing.erase(session, ids, now=run.now())
                count += len(ids)
                run.progress(session, count)
        if not ids:
            return count
        last = ids[-1]


def _announce_again(session: Session, run: JobRun, customer_id: int) -> None:
    """An import under way may bring the customer back: whoever they are stays known until it has ended."""
    number = int(run.payload.get("round", 1)) + 1
    jobs.announce(
        session, ERASE_CUSTOMER, {"customer_id": customer_id, "round": number}, now=run.now(),
        unique_key=f"{_key(customer_id)}:{number}", user_id=run.user_id, run_after=run.now() + _AGAIN_AFTER,
    )  # fmt: skip


def _remove_uploads(run: JobRun, shop_id: int) -> None:
    """Stored files of ended imports: nobody can tell by looking whose words a packed file holds, so all of them go."""
    with run.store.reading() as session:
        uploads = erasing.uploads_of(session, shop_id)
        kept = {Path(path) for path in erasing.paths_kept(session)}
    for one in uploads:
        if not one.is_needed:
            remove([one.path])
            with run.writing() as session:
                forget_file(session, one.import_id)
    # Files that no import knows any more, or none has known yet for long.
    folders = {path.parent.parent for path in kept if path.parent.name == FOLDER}
    beside = run.store.file.absolute().parent if run.store.file else None
    if beside is not None and (beside / KEY_FILE).exists():
        folders.add(beside)  # It is a data folder of ours, and no place where others keep uploads.
    for folder in folders:
        parts, files = left_behind(folder, now=run.now())
        remove([*parts, *(path for path in files if path not in kept)])


def _forget_terms(run: JobRun) -> None:
    first = more = True
    while more:
        with run.writing() as session:
            more = search.forget_some(session, first=first)
        first = False


# --- by what a customer is told ------------------------------------------------------------------------


class Marks:
    """What tells a customer, and whether it stands in a text: names, order numbers, personal data, whole phrases."""

    def __init__(self, names: Iterable[str], texts: Sequence[str]) -> None:
        """``names`` are what the customer is known by; in ``texts`` their personal data is looked for."""
        found = [one for spans in find_all(texts).values() for one in spans]
        folded = {fold(one).strip() for one in names} | {one.value for one in found if one.kind != "address"}
        fewest = {True: _FEWEST_DIGITS, False: _FEWEST_CHARS}
        self._names = {one for one in folded if len(one) >= fewest[one.isdecimal()]}
        self._short_names = folded - self._names - {""}
        self._numbers = {one for one in folded if one.isdecimal() and len(one) >= _FEWEST_DIGITS}
        self._said = "\n".join(map(fold_tight, texts))

    def are_in(self, text: str) -> bool:
        """Whether a text holds one of them, in whatever way it is written, or is itself a phrase of theirs."""
        folded, tight = fold(text).strip(), fold_tight(text)
        digits = "".join(filter(str.isdecimal, tight))
        return (
            folded in self._short_names
            or any(one in folded for one in self._names)
            or any(one in digits for one in self._numbers)
            or (len(tight) >= _FEWEST_PHRASE_CHARS and tight in self._said)
        )


def _marks(session: Session, customer_id: int, key: str | None) -> Marks:
    names: set[str] = {key} if key else set()
    texts: list[str] = []
    last = 0
    while ids := erasing.conversations_of(session, customer_id, after_id=last, limit=1000):
        names |= erasing.names_of(session, ids)
        texts += erasing.texts_of(session, ids)
        last = ids[-1]
    return Marks(names, [text for text in texts if text])
