"""Which version of a rubric judges which conversation: by the moment at which the conversation began.

The desk publishes versions from a moment on; before the first release of a rubric the shipped one holds. A
:class:`RubricBook` is what was published as of one reading of the database, and never changes: whoever audits reads one
at the beginning of a piece of work and judges all of it by that.
"""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from sqlalchemy.orm import Session

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.rubric import ConversationFacts, Rubric
from qaplatform.audit.rubric_choice import select_rubric
from qaplatform.errors import QAPlatformError
from qaplatform.services.rubric_reading import read_rubric
from qaplatform.services.rubrics import RubricInForce, rubrics_in_force
from qaplatform.store.rubric_releases import files_of_releases, files_of_versions, release_dates, release_lines

_log = logging.getLogger(__name__)
_MOST_KEPT = 64
_kept: dict[str, RubricInForce | None] = {}
_lock = Lock()


@dataclass(frozen=True)
class Dated:
    """A version of a rubric, and from when it judges."""

    effective_from: datetime
    in_force: RubricInForce


class RubricBook:
    """The rubrics of every moment; frozen."""

    def __init__(self, releases: Sequence[Dated] = (), *, shipped: Sequence[RubricInForce] | None = None) -> None:
        """``releases`` in the order in which they come to hold; ``shipped`` is what holds before the first."""
        self.releases = tuple(releases)
        self._moments = [one.effective_from for one in self.releases]
        now = {one.rubric.id: one for one in (rubrics_in_force() if shipped is None else shipped)}
        states = [tuple(now.values())]
        for one in self.releases:
            now = {**now, one.in_force.rubric.id: one.in_force}
            states.append(tuple(now.values()))
        self._states = states

    def on(self, moment: datetime) -> tuple[RubricInForce, ...]:
        """The rubrics of a moment, one a code."""
        return self._states[bisect_right(self._moments, moment)]

    def chosen(self, conversation: Conversation, moment: datetime | None) -> RubricInForce | None:
        """The rubric that judges a conversation which began at a moment (``None``: after all that is published).

        ``None`` where none applies.
        """
        state = self.last if moment is None else self._states[bisect_right(self._moments, moment)]
        rubric = select_rubric([one.rubric for one in state], ConversationFacts.of(conversation))
        return next((one for one in state if one.rubric is rubric), None)

    def all(self) -> Mapping[str, RubricInForce]:
        """Every version of every moment, by content hash."""
        return {one.rubric.content_hash: one for state in self._states for one in state}

    @property
    def last(self) -> tuple[RubricInForce, ...]:
        """What holds once all that is published has come to hold."""
        return self._states[-1]

    def newest(self, code: str) -> RubricInForce | None:
        """The version of a rubric that holds in the end."""
        return next((one for one in self.last if one.rubric.id == code), None)


def rubric_book(session: Session) -> RubricBook:
    """What is published."""
    dates = release_dates(session)
    if not dates:
        return RubricBook()
    found = _loaded(session, {one.content_hash: one.code for one in dates})
    # Only drafts and comparisons look at comments and examples, and they begin from what holds last.
    last = {one.code: one for one in dates}
    own = _own_files(session, [one.id for one in last.values() if one.has_files])
    dated = ((one, found[one.content_hash]) for one in dates)
    return RubricBook(
        [
            Dated(one.effective_from, RubricInForce(loaded.rubric, own.get(one.id, loaded.files)))
            if one.id in own
            else Dated(one.effective_from, loaded)
            for one, loaded in dated
            if loaded is not None
        ]
    )


def _own_files(session: Session, release_ids: Sequence[int]) -> dict[int, Mapping[str, str]]:
    """Files of releases that judge as an older one does, by release."""
    return dict(files_of_releases(session, release_ids))


def release_numbered(session: Session, number: str, code: str) -> RubricInForce | None:
    """What a release published, counted within its rubric, with its own comments and examples."""
    line = next((one for one in release_lines(session, code) if str(one.number) == number), None)
    found = None if line is None else version_named(session, line.content_hash, code)
    if line is None or found is None:
        return None
    return RubricInForce(found.rubric, _own_files(session, [line.id]).get(line.id, found.files))


def published_rubrics(session: Session) -> list[Rubric]:
    """The rubrics that are published, the one that holds last first, each version once; the shipped ones come after."""
    dates = release_dates(session)
    found = _loaded(session, {one.content_hash: one.code for one in dates}) if dates else {}
    known = {one.content_hash: found[one.content_hash] for one in reversed(dates)}
    return [one.rubric for one in (*known.values(), *rubrics_in_force()) if one is not None]


def version_named(session: Session, content_hash: str, code: str) -> RubricInForce | None:
    """A version of a rubric as it is kept; ``None`` where there is none, or this release cannot read it."""
    return _loaded(session, {content_hash: code})[content_hash]


def _loaded(session: Session, wanted: Mapping[str, str]) -> dict[str, RubricInForce | None]:
    """Versions by content hash, with the codes of their rubrics; each is read once in a process."""
    with _lock:
        found = {content: _kept[content] for content in wanted if content in _kept}
    found |= {
        one.rubric.content_hash: one for one in rubrics_in_force() if one.rubric.content_hash in wanted.keys() - found
    }
    kept = files_of_versions(session, wanted.keys() - found)
    for content, files in kept.items():
        found[content] = _read(wanted[content], files)
    with _lock:
        _kept.update({content: found[content] for content in kept})
        while len(_kept) > _MOST_KEPT:
            _kept.pop(next(iter(_kept)))
    return {content: found.get(content) for content in wanted}


def _read(code: str, files: Mapping[str, str]) -> RubricInForce | None:
    try:
        return RubricInForce(rubric_in(code, files), files)
    except (QAPlatformError, KeyError):
        # What was published before goes on judging; the list of rubrics says that this one cannot be read.
        _log.exception("the published version of the rubric %s cannot be read by this release", code)
        return None


def rubric_in(code: str, files: Mapping[str, str]) -> Rubric:
    """The rubric in some files.

    Raises:
        RubricError: with every mistake at path:line:column.
    """
    return read_rubric(f"{code}.yaml", files.__getitem__)
