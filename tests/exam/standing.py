"""A stand-in for the recogniser: reads in a reference line what its author wrote there under ``acts``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, get_args

import msgspec

from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Message
from qaplatform.audit.engine import Auditor
from qaplatform.exam.scenario import ActName, Reference, Scenario
from qaplatform.services.matcher_cache import compiled_auditor
from tests.shipped import shipped_rubric

ACTS = get_args(ActName)


class Said(msgspec.Struct, frozen=True):
    act: str
    about: str | None
    due: bool
    start: int
    end: int
    doubt: Literal["likely", "unlikely"] | None = None


def said(text: str, words: Sequence[str]) -> tuple[Said, ...]:
    """Acts from words such as ``promises delivery due``; ``soothes*`` is likely, ``soothes**`` unlikely."""
    out = []
    for one in words:
        act, *rest = one.rstrip("*").split()
        about = next((word for word in rest if word != "due"), None)
        doubt = (None, "likely", "unlikely")[one.count("*")]
        out.append(Said(act, about, "due" in rest, 0, len(text), doubt))
    return tuple(out)


class StandIn:
    """Knows the acts of the lines it was given; every other line is unread."""

    def __init__(self, *references: Reference) -> None:
        self.known = {reply.says: reply.acts for reference in references for reply in reference.replies}

    def __call__(self, text: str, _before: Sequence[Message]) -> tuple[Said, ...]:
        return said(text, self.known.get(text, ()))


class Spelled:
    """Reads ``[asks photo] [offers refund due] 任何话`` as what stands in the brackets."""

    def __call__(self, text: str, _before: Sequence[Message]) -> tuple[Said, ...]:
        words = [part.partition("]")[0] for part in text.split("[")[1:]]
        return said(text, words)


@lru_cache(maxsize=1)
def shipped_auditor() -> Auditor:
    return compiled_auditor(shipped_rubric(), Context())


def stand_in(scenario: Scenario) -> StandIn:
    assert scenario.references is not None
    return StandIn(scenario.references.good, scenario.references.bad)
