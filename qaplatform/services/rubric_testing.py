"""Running what a rubric says about itself: the examples of its criteria, the hits and misses of its phrase groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from qaplatform.audit.context import Context
from qaplatform.audit.engine import Auditor
from qaplatform.audit.hints import without_hints
from qaplatform.audit.matching import Matcher, Side
from qaplatform.audit.problem import Mark
from qaplatform.audit.rubric import Criterion, Example, Rubric
from qaplatform.audit.saying import Saying, say
from qaplatform.services.matcher_cache import compiled_auditor


@dataclass(frozen=True, slots=True)
class Trial:
    """One thing tried: what it belongs to, where it was written, and what went wrong (``None``: nothing)."""

    subject: str
    mark: Mark
    fault: Saying | None


def try_rubric(rubric: Rubric, context: Context) -> Iterator[Trial]:
    """Every example and every hit and miss, in the order of the files."""
    auditor = compiled_auditor(without_hints(rubric), context)
    for criterion in rubric.criteria:
        for example in criterion.examples:
            yield Trial(criterion.id, example.mark, _example_fault(auditor, criterion, example))
    yield from try_phrases(auditor.matcher, rubric)


def try_phrases(matcher: Matcher, rubric: Rubric) -> Iterator[Trial]:
    """Every hit and miss of the rubric's phrase groups."""
    for group in rubric.phrases.values():
        side: Side = "customer" if group.who == "customer" else "shop"
        found = matcher.look(side, [sample.text for sample in (*group.hits, *group.misses)], (group.id,))
        standing = set(found.messages(group.id).tolist())
        for number, sample in enumerate((*group.hits, *group.misses)):
            wanted = number < len(group.hits)
            spans = found.spans(group.id, number)
            if (number in standing) != bool(spans):
                fault: Saying | None = say(
                    "{id}: the scan and the exact look disagree on {text!r}", id=group.id, text=sample.text
                )
            elif wanted and not spans:
                fault = say("{id} should stand in {text!r} but does not", id=group.id, text=sample.text)
            elif not wanted and spans:
                words = sample.text[spans[0].start : spans[0].end]
                fault = say(
                    "{id} should not stand in {text!r} but finds {words!r}", id=group.id, text=sample.text, words=words
                )
            else:
                fault = None
            yield Trial(group.id, sample.mark, fault)


def _example_fault(auditor: Auditor, criterion: Criterion, example: Example) -> Saying | None:
    if example.as_of is not None:
        context = msgspec.structs.replace(auditor.context, as_of=example.as_of)
        auditor = Auditor(auditor.rubric, context, matcher=auditor.matcher)
    card = auditor.audit_one(example.conversation)
    result = next(one for one in card.criteria if one.id == criterion.id)
    if result.outcome != example.outcome:
        found = tuple(sorted({one.code for one in result.findings}))
        return say(
            "{id}: expected {wanted}, got {outcome}{because}",
            id=criterion.id,
            wanted=example.outcome,
            outcome=result.outcome,
            because=say(" ({names})", names=found) if found else "",
        )
    codes = {one.code for one in result.findings}
    if example.code is not None and example.code not in codes:
        given = say("{names}", names=tuple(sorted(codes))) if codes else say("none")
        return say("{id}: expected the code {code}, got {given}", id=criterion.id, code=example.code, given=given)
    return None
