"""An answer of a model → what code can stand for: verified quotes only, and ``unsure`` where a proof is missing."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from qaplatform.audit.normalise import fold_tight
from qaplatform.llm.answers import Answer
from qaplatform.llm.asking import MOST_QUOTES, Asked
from qaplatform.llm.evidence import FEWEST_CHARS, Span, locate
from qaplatform.llm.injection import Sign, beyond_signs
from qaplatform.llm.prompt import Verdict
from qaplatform.llm.transcript import Said

_QUOTED = re.compile(
    r"“([^“”]+)”|「([^「」]+)」|『([^『』]+)』|\"([^\"]+)\"|‘([^‘’]+)’|(?<![a-z])'([^']{4,})'(?![a-z])"
)
_DROPPED = "[…]"


class Judged(msgspec.Struct, frozen=True):
    """A verdict on one criterion, with its verified evidence.

    ``said`` is the model's own verdict: ``verdict`` differs from it only where a proof was missing.
    """

    criterion_id: str
    verdict: Verdict
    said: Verdict
    reason: str = ""
    spans: tuple[Span, ...] = ()
    dropped: int = 0
    """So many quotes were found nowhere, or where somebody writes to the machine."""


def verified(answer: Answer, asked: Asked, messages: Sequence[Said], *, not_within: Sequence[Sign] = ()) -> Judged:
    """What is left of an answer once its quotes are looked for.

    Quotes that are not found are dropped, those in the reason too: nobody is shown what nobody wrote. A ``yes`` or
    ``no`` that must have evidence and has none becomes ``unsure``. Where no evidence is asked for, quotes are left aside.

    Args:
        answer: What the model said.
        asked: What it was asked.
        messages: The conversation's messages (masked).
        not_within: Signs of injection; what stands in their sentences is no evidence.
    """
    texts = {one.number: one.text for one in messages}
    spans: dict[Span, None] = {}
    dropped = 0
    for quote in answer.quotes if asked.evidence != "none" else ():
        span = locate(quote.text, quote.message, messages, speaker=asked.prompt.speaker(answer.verdict))
        if span is None or not beyond_signs(span.message, span.start, span.end, texts[span.message], not_within):
            dropped += 1
        else:
            spans[span] = None
    found = tuple(spans)[:MOST_QUOTES]
    bare = asked.evidence == "required" and answer.verdict in ("yes", "no") and not found
    return Judged(
        criterion_id=answer.criterion_id,
        verdict="unsure" if bare else answer.verdict,
        said=answer.verdict,
        reason=_without_made_up(answer.reason, messages),
        spans=found,
        dropped=dropped,
    )


def _without_made_up(reason: str, messages: Sequence[Said]) -> str:
    """A reason in which quotation marks hold only what somebody wrote."""

    def kept(match: re.Match[str]) -> str:
        words = next(group for group in match.groups() if group is not None)
        if len(fold_tight(words)) < FEWEST_CHARS:
            return match[0]
        for message in messages:
            if locate(words, message.number, [message], speaker="any") is not None:
                return match[0]
        return match[0][0] + _DROPPED + match[0][-1]

    return _QUOTED.sub(kept, reason)
