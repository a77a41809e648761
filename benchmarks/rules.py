"""Our side of comparison (b): the engine's findings under the five rules, in the peer's rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from qaplatform.audit.audited import Audited
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.engine import Auditor
from qaplatform.services.auditing import batches
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.rubrics import rubric_named

RUBRIC = Path(__file__).resolve().parent / "five_rules.yaml"
Row = tuple[str, str, int, int, int, str]


def five_rules_auditor() -> Auditor:
    """The engine with the five rules."""
    return compiled_auditor(rubric_named(str(RUBRIC)), Context())


def rows(audited: Audited) -> Iterator[Row]:
    """Findings as (conversation, criterion, message, start, end, code), in the order of the file and of the rubric."""
    batch, outcomes = audited.batch, audited.outcomes
    ids = [criterion.id for criterion in audited.rubric.criteria]
    begin = batch.begin.tolist()
    for index in sorted({index for one in outcomes for index in one.findings}):
        name, first = batch.conversations[index].id, begin[index]
        for id, one in zip(ids, outcomes, strict=True):
            for spot in one.findings.get(index, ()):
                yield name, id, spot.row - first, spot.start, spot.end, spot.code


def engine_rows(conversations: Sequence[Conversation], auditor: Auditor) -> Iterator[Row]:
    """All findings in a run of conversations."""
    for batch in batches(conversations):
        yield from rows(auditor.audit(batch))
