"""Batches for tests, from a transcript in the notation and the shipped phrase files."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from qaplatform.audit.batch import Batch
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.matching import Matcher
from qaplatform.audit.notation import parse_messages
from qaplatform.audit.observing import ObserverSet
from qaplatform.audit.phrase_loading import load_phrases

_ROOT = Path(__file__).parents[2]
_PHRASES = _ROOT / "rubrics" / "phrases"
_TAGS = _ROOT / "packs" / "tags.yaml"


@lru_cache(maxsize=1)
def shipped_matcher() -> Matcher:
    """The matcher of all shipped phrase files and the shipped tag tree."""
    paths = [str(path) for path in (*sorted(_PHRASES.glob("*.yaml")), _TAGS)]
    return Matcher(load_phrases(paths, lambda path: Path(path).read_text(encoding="utf-8")))


def batch_of(*transcripts: str, context: Context | None = None) -> Batch:
    """One conversation a transcript, with the observers' own parameters."""
    conversations = [
        Conversation(id=str(number), messages=parse_messages(transcript))
        for number, transcript in enumerate(transcripts, 1)
    ]
    return Batch(conversations, shipped_matcher(), context or Context(), ObserverSet())
