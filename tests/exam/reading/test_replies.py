"""The replies the reader learns from: labelled with agreed labels, each once, and none that it is measured by."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import lru_cache
from pathlib import Path

from benchmarks.acts import replies as measured
from qaplatform.audit.normalise import fold
from qaplatform.exam.act_names import DUE, LABELS
from reader.labelled import Reply, read_replies

FOLDER = Path(__file__).parents[3] / "reader" / "replies"
_FEWEST = 15
"""Of fewer examples nothing is learned."""
_WORDS_LETTERS = 5
"""Shorter replies everybody writes."""


@lru_cache(maxsize=1)
def _learned() -> list[Reply]:
    return read_replies(sorted(FOLDER.glob("*.yaml")))


def _bare(text: str) -> str:
    return "".join(char for char in fold(text) if char.isalnum())


def test_labels_are_agreed_ones_and_each_has_its_examples() -> None:
    used = Counter(label for one in _learned() for label in one.labels)
    timed = Counter((DUE, about) for one in _learned() for act, about in one.due if act == "promises")
    assert set(used) | set(timed) <= set(LABELS)
    assert all(one.due <= one.labels for one in _learned())
    few = {label: used[label] + timed[label] for label in LABELS if (used + timed)[label] < _FEWEST}
    assert few == {}


def test_hardly_anything_is_learned_that_is_measured() -> None:
    """What several people write of themselves is a word or a proverb, no more than one reply in a hundred."""
    learned = {_bare(one.text) for one in _learned()}
    asked = [one.text for one in measured()]
    both = [text for text in asked if _bare(text) in learned and len(_bare(text)) >= _WORDS_LETTERS]
    assert len(both) <= 0.01 * len(asked), both


def test_the_same_words_in_answer_to_the_same_are_labelled_the_same() -> None:
    labels = defaultdict(set)
    for one in _learned():
        labels[one.text, one.before].add((one.labels, one.due))
    assert [words for words, found in labels.items() if len(found) > 1] == []
