"""(c) Phrases with their places in the original text against spaCy and Presidio; (d) 5,000 phrases against 100.

All sides get the same texts and the same phrases. The peers look for the written form alone; our scan folds width,
case, traditional characters and what was put in between, and finds disguised phrases too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import spacy
from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine, PatternRecognizer, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from spacy.matcher import PhraseMatcher

from benchmarks.corpus import SEED, conversations
from benchmarks.sentences import vocabulary
from benchmarks.timing import Figure, Setup, alternate, one_core, ratios
from qaplatform.audit.matching import Matcher
from qaplatform.audit.phrases import PhraseBook, PhraseGroup
from qaplatform.services.rubrics import rubric_named

Span = tuple[int, str, int, int]
"""Text, group, characters ``start:end`` of the text as it was written."""
_BLOCK = 10_000


class MissedPhraseError(Exception):
    """Our scan did not find what a peer found."""


def literal_book(book: PhraseBook) -> PhraseBook:
    """The literal phrases of a book, group by group, whoever may write them."""
    return PhraseBook(PhraseGroup(id=name, phrases=group.phrases) for name, group in book.items() if group.phrases)


def our_scan(matcher: Matcher, texts: Sequence[str]) -> list[Span]:
    """All hits with their places, block by block."""
    spans: list[Span] = []
    for begin in range(0, len(texts), _BLOCK):
        found = matcher.look("shop", texts[begin : begin + _BLOCK])
        groups, messages = found.pairs(matcher.names[0], matcher.names[-1])
        for group, message in zip(groups.tolist(), messages.tolist(), strict=True):
            name = matcher.names[group]
            spans += [(begin + message, name, hit.start, hit.end) for hit in found.spans(name, message)]
    return spans


class SpacyScan:
    """``PhraseMatcher`` over the characters of blank Chinese documents."""

    def __init__(self, book: PhraseBook) -> None:
        self._nlp = spacy.blank("zh")
        self._matcher = PhraseMatcher(self._nlp.vocab, attr="ORTH")
        for name, group in book.items():
            self._matcher.add(name, [self._nlp.make_doc(phrase) for phrase in group.phrases])

    def documents(self, texts: Sequence[str]) -> list[Any]:
        """The texts cut into characters."""
        return list(self._nlp.pipe(texts, batch_size=1000))

    def match(self, documents: Sequence[Any]) -> list[Span]:
        """Hits in documents."""
        names = self._nlp.vocab.strings
        spans: list[Span] = []
        for index, document in enumerate(documents):
            for key, first, last in self._matcher(document):
                span = document[first:last]
                spans.append((index, names[key], span.start_char, span.end_char))
        return spans

    def scan(self, texts: Sequence[str]) -> list[Span]:
        """Hits in texts."""
        return self.match(self.documents(texts))


class _BlankEngine(SpacyNlpEngine):
    """Presidio's text engine without a model: nothing is downloaded, and nothing could be quicker."""

    def __init__(self) -> None:
        super().__init__()
        self.nlp = {"zh": spacy.blank("zh")}


class PresidioScan:
    """presidio-analyzer with one recogniser of a deny list of all phrases."""

    def __init__(self, book: PhraseBook) -> None:
        phrases = sorted({phrase for group in book.values() for phrase in group.phrases})
        recogniser = PatternRecognizer("LISTED", supported_language="zh", deny_list=phrases)
        registry = RecognizerRegistry([recogniser], supported_languages=["zh"])
        engine = AnalyzerEngine(registry=registry, nlp_engine=_BlankEngine(), supported_languages=["zh"])
        self._analyzer = BatchAnalyzerEngine(engine)

    def scan(self, texts: Sequence[str]) -> list[Span]:
        """Hits in texts (all of one group)."""
        results = self._analyzer.analyze_iterator(texts, language="zh", batch_size=1000)
        return [(index, "LISTED", one.start, one.end) for index, some in enumerate(results) for one in some]


def texts_of(messages: int) -> list[str]:
    """What agents and customers write in a corpus."""
    return [message.text for planted in conversations(messages) for message in planted.conversation.messages]


def _missed(ours: list[Span], theirs: list[Span]) -> list[Span]:
    """What they found and no hit of ours in the same text touches."""
    by_text: dict[int, list[tuple[int, int]]] = {}
    for text, _, start, end in ours:
        by_text.setdefault(text, []).append((start, end))
    return [
        (text, group, start, end)
        for text, group, start, end in theirs
        if not any(a < end and start < b for a, b in by_text.get(text, ()))
    ]


def against_peers(setup: Setup) -> Iterator[Figure]:
    """(c) spaCy's and Presidio's time over ours on the same texts; Presidio gets fewer of them.

    The floors hold for a list as one is kept of words nobody should use: 1,000 phrases that are rare in texts. In the
    word lists of the full rubric, topics among them, every message has several hits, and what is measured then is how
    fast Python makes objects.

    Raises:
        MissedPhraseError: a peer found what we did not.
    """
    one_core()
    texts = texts_of(8_000 if setup.quick else 40_000)
    few = texts[: 300 if setup.quick else 2_000]
    rounds = 3 if setup.quick else 5
    yield from _compared("1,000 rare phrases", _lists(1_000), texts, few, rounds, (50.0, 250.0))
    full = literal_book(rubric_named(setup.rubric).phrases)
    count = sum(len(group.phrases) for group in full.values())
    yield from _compared(f"all {count:,} phrases of the full rubric", full, texts, few, rounds, (None, None))


def _compared(
    name: str,
    book: PhraseBook,
    texts: Sequence[str],
    few: Sequence[str],
    rounds: int,
    floors: tuple[float | None, float | None],
) -> Iterator[Figure]:
    """Both peers over ours with one book."""
    matcher, by_spacy, by_presidio = Matcher(book), SpacyScan(book), PresidioScan(book)
    ours, theirs = our_scan(matcher, texts), by_spacy.scan(texts)
    missed = _missed(ours, theirs) + _missed(our_scan(matcher, few), by_presidio.scan(few))
    # A Latin phrase inside a longer word is none for us; for spaCy's characters it is.
    missed = [one for one in missed if not texts[one[0]][one[2] : one[3]].isascii()]
    if missed or not theirs:
        found = [texts[text][start:end] for text, _, start, end in missed[:3]]
        raise MissedPhraseError(f"of {len(theirs)} hits of spaCy's {len(missed)} were not found by us, such as {found}")
    documents = by_spacy.documents(texts)
    seconds = alternate(
        {
            "ours": lambda: our_scan(matcher, texts),
            "spacy": lambda: by_spacy.scan(texts),
            "ready": lambda: by_spacy.match(documents),
            "presidio": lambda: by_presidio.scan(few),
        },
        rounds,
    )
    name = f"{name} ({len(ours) / len(texts):.2f} hits a message)"
    yield Figure(
        f"spaCy PhraseMatcher over ours, {name}", ratios(seconds["spacy"], seconds["ours"]), "×", floors[0], "least"
    )
    yield Figure("the same, spaCy's documents made beforehand", ratios(seconds["ready"], seconds["ours"]))
    scale = len(texts) / len(few)
    slower = tuple(scale * one for one in ratios(seconds["presidio"], seconds["ours"]))
    yield Figure(f"presidio-analyzer with a deny list over ours, {name}", slower, "×", floors[1], "least")


def _lists(size: int) -> PhraseBook:
    """Ten lists, together ``size`` phrases: the planted ones, then chance runs of 3 to 6 characters of the corpus."""
    random = Random(SEED)
    planted = [phrase for words in vocabulary()["plants"].values() for phrase in words["plain"]]
    characters = sorted({char for text in texts_of(2_000) for char in text if "\u4e00" <= char <= "\u9fff"})
    phrases = list(dict.fromkeys(planted))[:100]
    known = set(phrases)
    while len(phrases) < size:
        phrase = "".join(random.choices(characters, k=random.randint(3, 6)))
        if phrase not in known:
            known.add(phrase)
            phrases.append(phrase)
    return PhraseBook(PhraseGroup(id=f"list{number}", phrases=tuple(phrases[number::10])) for number in range(10))


def by_number(setup: Setup) -> Iterator[Figure]:
    """(d) 5,000 phrases over 100: folding, scan and places together."""
    one_core()
    texts = texts_of(20_000 if setup.quick else 100_000)
    few, many = Matcher(_lists(100)), Matcher(_lists(5_000))
    seconds = alternate(
        {"few": lambda: our_scan(few, texts), "many": lambda: our_scan(many, texts)}, 5 if setup.quick else 9
    )
    yield Figure("5,000 phrases over 100, ten lists each", ratios(seconds["many"], seconds["few"]), "×", 1.25)
