"""Batches for tests, from a transcript in the notation and the shipped phrase files."""

from __future__ import annotations

from qaplatform.audit.batch import Batch
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.matching import Matcher
from qaplatform.audit.notation import parse_messages
from qaplatform.audit.observing import ObserverSet
from tests.shipped import shipped_auditor


def shipped_matcher() -> Matcher:
    """The matcher of the shipped rubric: of all shipped phrase files and the shipped tag tree."""
    return shipped_auditor().matcher


def batch_of(*transcripts: str, context: Context | None = None) -> Batch:
    """One conversation a transcript, with the observers' own parameters."""
    conversations = [
        Conversation(id=str(number), messages=parse_messages(transcript))
        for number, transcript in enumerate(transcripts, 1)
    ]
    return Batch(conversations, shipped_matcher(), context or Context(), ObserverSet())
