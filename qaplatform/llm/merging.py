"""Answers about the parts of a long conversation → one.

How they go together depends on what is asked; the prompt says it (``across``):

``any_yes``
    The question is whether something happened at all (the cause was named, the feeling was met). A ``yes`` of one
    part stands, whatever other parts say: they only did not see it. ``no`` needs every part.
``any_no``
    The question is whether something held throughout (tone, promises). One ``no`` stands; ``yes`` needs every part.
``latest``
    The matter develops (the solution, the end), and who sees the later part sees further. The latest part that says
    ``yes`` or ``no`` decides, provided that no later part is ``unsure`` or missing.

Everywhere: a verdict that needs the parts that could not be asked is ``unsure``, and so is one that an ``unsure`` part
could overturn; parts to which the question does not apply say nothing; ``not_applicable`` needs all of them. Only
verified evidence got here (:mod:`qaplatform.llm.judged`), so that no made-up ``no`` outweighs a proven ``yes``; where both are
proven, the rules above decide, not the number of quotes.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from qaplatform.llm.asking import MOST_QUOTES
from qaplatform.llm.evidence import Span
from qaplatform.llm.judged import Judged
from qaplatform.llm.prompt import Across, Verdict


class Merged(msgspec.Struct, frozen=True):
    """The verdict on one criterion over a whole conversation."""

    criterion_id: str
    verdict: Verdict
    reason: str = ""
    spans: tuple[Span, ...] = ()
    parts: int = 1
    parts_read: int = 1
    dropped: int = 0

    @property
    def partly_read(self) -> bool:
        """Whether some part of the conversation could not be asked about."""
        return self.parts_read < self.parts


def merged(criterion_id: str, answers: Sequence[Judged | None], across: Across) -> Merged:
    """One verdict out of those of the parts.

    Args:
        criterion_id: The criterion.
        answers: For each part in order what was answered; ``None`` where it could not be asked.
        across: See the module.
    """
    verdict = _verdict([one.verdict if one else None for one in answers], across)
    read = [one for one in answers if one is not None]
    # The parts that carry the verdict explain it; the latest first where the end decides.
    carrying = [one for one in read if one.verdict == verdict]
    if across == "latest" and verdict in ("yes", "no"):
        carrying = carrying[-1:]
    spans: dict[Span, None] = {span: None for one in carrying for span in one.spans}
    return Merged(
        criterion_id=criterion_id,
        verdict=verdict,
        reason=next((one.reason for one in carrying if one.reason), ""),
        spans=tuple(spans)[:MOST_QUOTES],
        parts=len(answers),
        parts_read=len(read),
        dropped=sum(one.dropped for one in read),
    )


def _verdict(said: Sequence[Verdict | None], across: Across) -> Verdict:
    speaking = [one for one in said if one != "not_applicable"]
    if not speaking:
        return "not_applicable" if said else "unsure"
    if across == "latest":
        return speaking[-1] or "unsure"
    strong: Verdict = "yes" if across == "any_yes" else "no"
    weak: Verdict = "no" if across == "any_yes" else "yes"
    if strong in speaking:
        return strong
    return weak if all(one == weak for one in speaking) else "unsure"
