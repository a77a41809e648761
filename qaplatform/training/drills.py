"""Drills: one situation, one answer. Read by :mod:`qaplatform.training.drill_loading`, judged by ``drill_judging``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from qaplatform.audit.conversation import Message
from qaplatform.audit.phrases import Words
from qaplatform.exam.act_words import wanted_words
from qaplatform.exam.scenario import Sign

Language = Literal["zh", "en"]
DEFAULT_SIGNS: tuple[Sign, ...] = ("banned", "insult", "curt", "off_platform", "review", "absolute", "private")
"""What no answer may have unless a drill says otherwise; a vague promise is a fault only where promises are trained."""


class Must(msgspec.Struct, frozen=True):
    """Something the answer has to do: one of some acts, perhaps about one of some things, perhaps by a time."""

    acts: tuple[str, ...]
    abouts: tuple[str, ...] = ()
    due: bool = False

    def in_language(self, language: str) -> str:
        """In people's words: 安抚 / 致歉; 询问 · 照片; 承诺，并说明时间."""
        return wanted_words(self.acts, self.abouts, language, due=self.due)


class Situation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody answers, in one language, and what is looked for; a card keeps it as it was."""

    criterion: str
    language: Language
    title: str = ""
    """Empty on cards that were made of a finding."""
    messages: tuple[Message, ...]
    then: tuple[Message, ...] = ()
    """What comes after the answer, such as the transfer it must announce."""
    panel: tuple[str, ...] = ()
    """What the side panel says."""
    must: tuple[Must, ...] = ()
    must_not: tuple[Sign, ...] = DEFAULT_SIGNS
    good: str = ""
    """An example; never shown before an answer."""
    shop: str = ""
    queue: str = "after_sale"
    promotion: bool = False
    """Whether the day is one of promotion, with shorter limits."""
    return_addresses: tuple[str, ...] = ()


class Wording(msgspec.Struct, frozen=True):
    """A drill in one language, with an answer that passes it and one that fails it."""

    situation: Situation
    bad: str


class Drill(msgspec.Struct, frozen=True):
    """A drill."""

    id: str
    criterion: str
    title: Words
    wordings: Mapping[Language, Wording]
    """Chinese always, English where somebody wrote it."""

    def situation(self, language: Language) -> Situation:
        """In that language, or in Chinese where it is not written in it."""
        return (self.wordings.get(language) or self.wordings["zh"]).situation


class Trained(msgspec.Struct, frozen=True):
    """What belongs to a criterion beside its drills."""

    acts: tuple[str, ...] = ()
    """Scenarios that ask for one of these train it."""
    signs: tuple[Sign, ...] = ()
    """Scenarios that forbid one of these train it."""
    must: tuple[Must, ...] = ()
    """What an answer must do on a card that was made of a finding."""


class Drills(msgspec.Struct, frozen=True):
    """All drills by id, and what is trained by criterion."""

    by_id: Mapping[str, Drill] = {}
    trained: Mapping[str, Trained] = {}

    def of(self, criterion: str) -> tuple[Drill, ...]:
        """The drills of a criterion, by id."""
        return tuple(one for _, one in sorted(self.by_id.items()) if one.criterion == criterion)

    @property
    def criteria(self) -> tuple[str, ...]:
        """The criteria that have drills, in order of the files."""
        return tuple(dict.fromkeys(one.criterion for one in self.by_id.values()))
