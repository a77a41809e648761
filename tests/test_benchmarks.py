"""The benchmarks are worth believing: the corpus is what it says, and the peer finds what the engine finds."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import ahocorasick_rs
import msgspec
import pytest

from benchmarks.corpus import Planted, conversations, write_corpus
from benchmarks.peer import Peer
from benchmarks.peer_words import Word
from benchmarks.rules import RUBRIC, engine_rows, five_rules_auditor
from benchmarks.sentences import vocabulary
from benchmarks.timing import Figure
from qaplatform.audit.conversation import Conversation

MESSAGES = 2_000


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "corpus.jsonl"
    write_corpus(path, MESSAGES)
    return path


@pytest.fixture(scope="module")
def planted() -> list[Planted]:
    return list(conversations(24_000))


# --- the corpus --------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_for_ever(corpus: Path) -> None:
    # A change of the generator or its vocabulary changes every figure: take them again, then write the new hash here.
    assert hashlib.sha256(corpus.read_bytes()).hexdigest()[:16] == "d81e62fc06f874c0"


def test_another_seed_gives_other_conversations(corpus: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    write_corpus(other, MESSAGES, seed=7)
    assert not set(other.read_bytes().splitlines()) & set(corpus.read_bytes().splitlines())


def test_a_corpus_has_about_as_many_messages_as_were_asked_for(corpus: Path) -> None:
    chats = msgspec.json.Decoder(Conversation).decode_lines(corpus.read_bytes())
    assert MESSAGES <= sum(len(chat.messages) for chat in chats) < MESSAGES + 70
    assert len({chat.id for chat in chats}) == len(chats)


def test_its_shape_is_that_of_an_ordinary_shop(planted: list[Planted]) -> None:
    chats = [one.conversation for one in planted]
    messages = [message for chat in chats for message in chat.messages]
    assert 11 < len(messages) / len(chats) < 13
    assert min(len(chat.messages) for chat in chats) >= 4
    lengths = {
        role: [len(message.text) for message in messages if message.role == role] for role in ("customer", "agent")
    }
    assert 9 < sum(lengths["customer"]) / len(lengths["customer"]) < 11
    assert 25 < sum(lengths["agent"]) / len(lengths["agent"]) < 29
    assert len({message.text for message in messages}) > 0.5 * len(messages)
    assert all(message.sent_at and message.sent_at.endswith("+08:00") for message in messages)
    assert all(message.agent for message in messages if message.role == "agent")
    transfers = sum(any(message.kind == "transfer" for message in chat.messages) for chat in chats)
    assert 0.03 < transfers / len(chats) < 0.07


def test_times_never_run_backwards(planted: list[Planted]) -> None:
    for one in planted:
        times = [message.sent_at or "" for message in one.conversation.messages]
        assert times == sorted(times)


def test_planted_words_stand_where_the_generator_says(planted: list[Planted]) -> None:
    plain = {phrase for words in vocabulary()["plants"].values() for phrase in words["plain"]}
    plants = [(one.conversation.messages[plant.message].text, plant) for one in planted for plant in one.plants]
    for text, plant in plants:
        words = text[plant.start : plant.end]
        assert words
        assert (words in plain) or plant.disguised
    assert 0.28 < sum(plant.disguised for _, plant in plants) / len(plants) < 0.39
    upset = sum(any(plant.group == "emotion" for plant in one.plants) for one in planted)
    assert 0.1 < upset / len(planted) < 0.14


# --- engine and peer ---------------------------------------------------------------------------------


class _Automaton:
    """The peer's automaton out of the package that tests have."""

    def __init__(self, words: Mapping[str, Word]) -> None:
        self._words = list(words.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(words))

    def iter(self, text: str) -> Iterator[tuple[int, Word]]:
        for number, _, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            yield end - 1, self._words[number]


@pytest.mark.parametrize("tuned", [False, True], ids=["plain", "tuned"])
def test_engine_and_peer_find_the_same_row_for_row(corpus: Path, tuned: bool) -> None:
    program = Peer(RUBRIC, tuned=tuned, build=_Automaton)
    theirs = [tuple(row) for line in corpus.read_bytes().splitlines() for row in program.findings(line)]
    chats = msgspec.json.Decoder(Conversation).decode_lines(corpus.read_bytes())
    assert list(engine_rows(chats, five_rules_auditor())) == theirs
    assert {code for *_, code in theirs} >= {"late", "no_time", "too_late", "missing", "unannounced", "forbidden_words"}


def test_the_engine_finds_every_planted_phrase_that_is_not_disguised(planted: list[Planted]) -> None:
    wanted = Counter(
        (one.conversation.id, plant.message, plant.start, plant.end)
        for one in planted
        for plant in one.plants
        if plant.group in ("banned", "off_platform", "review", "absolute") and not plant.disguised
    )
    rows = engine_rows([one.conversation for one in planted], five_rules_auditor())
    found = {(name, message, start, end) for name, _, message, start, end, code in rows if code == "forbidden_words"}
    assert wanted
    assert set(wanted) <= found


# --- figures -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "floor", "better", "kept"),
    [
        ((7.0, 5.0, 9.0), 8.0, "most", True),
        ((7.0, 8.5, 9.0), 8.0, "most", False),
        ((1.7, 1.5, 1.65), 1.6, "least", True),
        ((1.7, 1.5, 1.55), 1.6, "least", False),
        ((1.0,), None, "most", None),
    ],
)
def test_a_figure_is_judged_by_its_median(values, floor, better, kept) -> None:
    assert Figure("audit over decoding", values, floor=floor, better=better).kept is kept


def test_a_figure_shows_its_scatter_and_whether_the_floor_is_kept() -> None:
    row = Figure("audit over decoding", (7.0, 12.0, 9.0), floor=8.0).row()
    assert row == "| audit over decoding | 9.00 × | 7.00–12.0 | ≤ 8.00 | **no** |"
