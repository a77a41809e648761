"""Words for what rubrics and sources call by codes, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from flask import g

from qaplatform.audit.rubric import Criterion, Rubric
from qaplatform.formats.writing.words import Chrome
from qaplatform.services.rubric_books import published_rubrics
from qaplatform.web import sentences
from qaplatform.web.current import current_store
from qaplatform.web.i18n import Language

TOPICS = (
    "order", "delivery", "return_refund", "product", "promotion", "invoice", "account", "after_sale_service",
    "complaint", "other",
)  # fmt: skip
"""First levels of the tag tree; titles of deeper ones stand in the rubric."""


def rubrics_known() -> Sequence[Rubric]:
    """All published rubrics, the one that holds last first; read once a request."""
    if "rubrics_known" not in g:
        with current_store().reading() as session:
            know(published_rubrics(session))
    found: Sequence[Rubric] = g.rubrics_known
    return found


def know(rubrics: Sequence[Rubric]) -> None:
    """Keep what a page has read already for :func:`rubrics_known`, which then opens no transaction of its own."""
    g.rubrics_known = rubrics


def criteria_known() -> Mapping[str, Criterion]:
    """The criteria of all published rubrics by id, as the newest of them words each."""
    known: dict[str, Criterion] = {}
    for one in (criterion for rubric in rubrics_known() for criterion in rubric.criteria):
        known.setdefault(one.id, one)
    return known


class Vocabulary:
    """The words of one language for criteria, topics, queues and channels."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._chrome = Chrome(language)
        self._criteria = criteria_known()
        self._places = {id: (not one.critical, place) for place, (id, one) in enumerate(self._criteria.items())}
        self._beyond = (True, len(self._places))

    def criterion(self, id: str) -> str:
        """A criterion's title; its id where no published rubric knows it."""
        known = self._criteria.get(id)
        return known.title.in_language(self._language) if known else id

    def criteria(self) -> list[tuple[str, str]]:
        """All criteria that any published rubric has: id and title, in their order."""
        return [(id, self.criterion(id)) for id in self._criteria]

    def in_order(self, ids: Iterable[str]) -> list[str]:
        """Criteria in the order of their rubric, critical ones first and unknown ones last."""
        return sorted(ids, key=lambda id: (self._places.get(id, self._beyond), id))

    def topic(self, id: str | None) -> str:
        """A topic of the first level; empty without one."""
        return self._chrome.get(f"topic_{id}", id) if id else ""

    def topics(self) -> list[tuple[str, str]]:
        """All topics of the first level."""
        return [(id, self.topic(id)) for id in TOPICS]


def queue(code: str | None) -> str:
    """A queue; codes of the source's own stand as they are."""
    return str(sentences.QUEUES.get(code or "", code or ""))


def channel(code: str | None) -> str:
    """A channel; codes of the source's own stand as they are."""
    return str(sentences.CHANNELS.get(code or "", code or ""))


def tier(code: str | None) -> str:
    """A customer's tier; codes of the source's own stand as they are."""
    return str(sentences.TIERS.get(code or "", code or ""))


def source(code: str | None) -> str:
    """The platform a conversation comes from; codes that are not known stand as they are."""
    return str(sentences.SOURCES.get(code or "", code or ""))


def chat_language(code: str | None) -> str:
    """The language of a conversation."""
    return str(sentences.CHAT_LANGUAGES.get(code or "", code or ""))
