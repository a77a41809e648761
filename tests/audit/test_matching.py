"""One matcher for all word lists, against two other programs: ahocorasick_rs for literals, RE2 alone for patterns."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise

import ahocorasick_rs
import pytest
import re2
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qaplatform.audit.batch import Batch
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation, Message
from qaplatform.audit.matching import SIDES, Hit, Matcher, Side
from qaplatform.audit.normalise import plain_view, tight_view
from qaplatform.audit.observing import ObserverSet
from qaplatform.audit.phrases import PhraseBook, PhraseGroup
from tests.audit.small import book

PHRASES = ("没办法", "办法", "不可能", "没法", "a1", "12315", "繁體", "法没")
PATTERNS = (
    "没.{0,3}办",
    "不[^,]{1,4}能",
    "^没",
    "能$",
    r"\bab+\b",
    "a|ab|abb",
    "(?:没|不)+",
    "[0-9]{2,4}",
    "办法?",
    ".能",
    "[^a]b",
)
UNLESS = ("不是不可能", "没办法的?", "[0-9]{4}")
# Few characters, so that hits are many: the words', disguises, marks that end a clause, letters and digits.
_ALPHABET = "没办法不可能是的繁體繁体ab12315ＡＢ１ ,.。!*\n\u200b👍㈱"
_TEXT = st.text(st.sampled_from(_ALPHABET), max_size=14)
_TEXTS = st.lists(_TEXT, max_size=8)

LITERALS = Matcher(book(**{f"p{number}": (phrase,) for number, phrase in enumerate(PHRASES)}, all=PHRASES))
REGEXES = Matcher(
    PhraseBook(
        [
            *(PhraseGroup(id=f"p{number}", patterns=(pattern,)) for number, pattern in enumerate(PATTERNS)),
            *(PhraseGroup(id=f"u{n}", patterns=(p,), unless=UNLESS) for n, p in enumerate(PATTERNS)),
            PhraseGroup(id="all", patterns=PATTERNS),
        ]
    )
)
REGEXES.prepare()
MIXED = [
    PhraseGroup(id="mixed", phrases=PHRASES, patterns=("没.{0,3}办", "能$"), unless=UNLESS, homophones=True),
    PhraseGroup(id="quoted", who="agent", phrases=("没办法",), quoting_exempt=True),
    PhraseGroup(id="theirs", who="customer", phrases=("不可能",), patterns=("[0-9]{2,4}",)),
]


def prepared(groups: PhraseBook, store: Kept) -> Matcher:
    matcher = Matcher(groups, store)
    matcher.prepare()
    return matcher


def where(matcher: Matcher, name: str, text: str, side: Side = "shop") -> list[tuple[str, str]]:
    """The words found in a text, and how."""
    found = matcher.look(side, [text])
    spans = found.spans(name, 0)
    assert (found.messages(name).size == 1) == bool(spans), "the mask and the words must agree"
    return [(text[hit.start : hit.end], hit.how) for hit in spans]


def words(group: PhraseGroup, text: str, side: Side = "shop") -> list[str]:
    return [quote for quote, _ in where(Matcher(PhraseBook([group])), group.id, text, side)]


def stands(text: str, places: list[int]) -> bool:
    """Whether a literal's characters at these places are one word to a reader, told once more in plain words."""
    folded = [plain_view([char]).text_of(0) for char in text]
    for edge, beside in ((places[0], places[0] - 1), (places[-1], places[-1] + 1)):
        if 0 <= beside < len(text) and all(folded[at].isascii() and folded[at].isalpha() for at in (edge, beside)):
            return False
    gaps = [folded[a + 1 : b] for a, b in pairwise(places)]
    return not any(mark in ",.!?;" for gap in gaps for part in gap for mark in part) or all(gaps)


def leftmost_longest(spans: set[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for begin, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or begin >= kept[-1][1]:
            kept.append((begin, end))
    return kept


def literals_in(text: str, phrases: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where phrases stand, by ahocorasick_rs over the tight view."""
    view = tight_view([text])
    patterns = [tight_view([phrase]).text_of(0) for phrase in phrases]
    finder = ahocorasick_rs.AhoCorasick(patterns)
    found = set()
    for _, begin, end in finder.find_matches_as_indexes(view.text_of(0), overlapping=True):
        places = view.place[begin:end].tolist()
        if stands(text, places):
            found.add((places[0], places[-1] + 1))
    return leftmost_longest(found)


def patterns_in(text: str, pattern: str, unless: tuple[str, ...] = ()) -> list[tuple[int, int]]:
    """Where a pattern stands, by RE2 over the folded message."""
    view = plain_view([text])
    options = re2.Options()
    options.longest_match = True

    def found(one: str) -> list[tuple[int, int]]:
        matches = re2.finditer(one, view.text_of(0), options=options)
        return [view.original(0, match.start(), match.end()) for match in matches if match.end() > match.start()]

    covers = found("|".join(f"(?:{one})" for one in unless)) if unless else []
    return leftmost_longest(
        {(a, b) for a, b in found(pattern) if not any(begin <= a and b <= end for begin, end in covers)}
    )


def spans_of(hits: tuple[Hit, ...]) -> list[tuple[int, int]]:
    return [(hit.start, hit.end) for hit in hits]


@given(_TEXTS, st.sampled_from(SIDES))
@example(["没,办法", "没 , 办 , 法", "没。办。法", "要没,办法"], "shop")
@example(["ba1", "a1b", "Ａa1", "a1Ｂ", "㈱a1㈱"], "shop")
@example(["", "\n", "没\n办法"], "customer")
def test_literal_phrases_stand_where_another_program_finds_them(texts: list[str], side: Side) -> None:
    found = LITERALS.look(side, texts)
    for number, text in enumerate(texts):
        for name, phrases in [*((f"p{n}", (phrase,)) for n, phrase in enumerate(PHRASES)), ("all", PHRASES)]:
            spans = found.spans(name, number)
            assert spans_of(spans) == literals_in(text, phrases), (name, text)
            assert (number in found.messages(name)) == bool(spans)
            assert all(hit.how == "phrase" for hit in spans)


@given(_TEXTS, st.sampled_from(SIDES))
@example(["没", "办法", "不", "能"], "shop")
@example(["a", "b", "ab", "abb", "xabb", "ab b"], "customer")
@example(["1231512315", "12 31", "不是不可能", "没办法的"], "shop")
@example(["㈱能", "㈱\u200b能"], "shop")
def test_patterns_stand_where_re2_alone_finds_them_message_by_message(texts: list[str], side: Side) -> None:
    found = REGEXES.look(side, texts)
    for number, text in enumerate(texts):
        for at, pattern in enumerate(PATTERNS):
            for name, unless in ((f"p{at}", ()), (f"u{at}", UNLESS)):
                spans = found.spans(name, number)
                assert spans_of(spans) == patterns_in(text, pattern, unless), (name, pattern, text)
                assert (number in found.messages(name)) == bool(spans), (name, pattern, text)
        joined = "|".join(f"(?:{pattern})" for pattern in PATTERNS)
        assert spans_of(found.spans("all", number)) == patterns_in(text, joined)


def _mixed(*, asked: bool) -> Matcher:
    return Matcher(
        PhraseBook(
            PhraseGroup(
                id=group.id, who=group.who, phrases=group.phrases, patterns=group.patterns, unless=group.unless,
                homophones=group.homophones, quoting_exempt=group.quoting_exempt, asked=asked,
            )
            for group in MIXED
        )
    )  # fmt: skip


EAGER, ASKED, READY = _mixed(asked=False), _mixed(asked=True), _mixed(asked=False)
READY.prepare()


@given(_TEXTS, st.sampled_from(SIDES))
@example(["梅半发", '您说的"没办法"', "没办法"], "shop")
def test_a_block_under_a_database_gives_the_same_as_each_message_alone_without(texts: list[str], side: Side) -> None:
    block = READY.look(side, texts)
    for number, text in enumerate(texts):
        alone = EAGER.look(side, [text])
        for name in EAGER.names:
            assert block.spans(name, number) == alone.spans(name, 0)
            assert (number in block.messages(name)) == bool(alone.messages(name).size)


@given(_TEXTS)
@example(["没办法", "不可能"])
def test_a_run_of_groups_gives_the_same_as_each_group_alone(texts: list[str]) -> None:
    found = EAGER.look("shop", texts)
    groups, messages = found.pairs(EAGER.names[0], EAGER.names[-1])
    one_by_one = [(number, at) for number, name in enumerate(EAGER.names) for at in found.messages(name).tolist()]
    assert list(zip(groups.tolist(), messages.tolist(), strict=True)) == one_by_one


@given(st.lists(st.tuples(st.sampled_from(["customer", "agent", "bot"]), _TEXT), max_size=8), st.integers(0, 255))
@settings(max_examples=60)
def test_groups_looked_for_only_where_asked_give_the_same_as_the_others(
    said: list[tuple[str, str]], asked_rows: int
) -> None:
    messages = tuple(Message(role, text) for role, text in said)  # type: ignore[arg-type]
    conversation = Conversation(id="1", messages=messages)
    eager, asked = (Batch([conversation], one, Context(), ObserverSet()) for one in (EAGER, ASKED))
    rows = [row for row in range(len(messages)) if asked_rows >> row & 1]
    within = eager.rows < 0
    within[rows] = True
    for names in (EAGER.names, *((name,) for name in EAGER.names)):
        assert asked.has(*names, within=within).tolist() == eager.has(*names, within=within).tolist()
        assert asked.has(*names).tolist() == eager.has(*names).tolist()
    for row in range(len(messages)):
        for name in EAGER.names:
            assert asked.spans(row, name) == eager.spans(row, name)


def test_words_asked_for_without_a_mask_before_are_looked_for_then() -> None:
    batch = Batch([Conversation(id="1", messages=(Message("agent", "没办法"),))], ASKED, Context(), ObserverSet())
    assert [(hit.start, hit.end) for hit in batch.spans(0, "quoted")] == [(0, 3)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("没办法", ["没办法"]),
        ("没*办*法", ["没*办*法"]),
        ("没。办。法", ["没。办。法"]),
        ("没 办 法", ["没 办 法"]),
        ("没\u200b办\ufeff法", ["没\u200b办\ufeff法"]),
        ("没👍办👍法", ["没👍办👍法"]),
        ("沒辦法", ["沒辦法"]),
        ("有没,办法总有", []),
        ("没,办法", []),
        ("没办\n法", []),
        ("没办法没办法", ["没办法", "没办法"]),
    ],
)
def test_a_disguise_is_found_and_a_clause_border_ends_a_word(text: str, wanted: list[str]) -> None:
    assert words(PhraseGroup(id="g", phrases=("没办法",)), text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("加vx", ["vx"]),
        ("加 V X 吧", ["V X"]),
        ("加ＶＸ吧", ["ＶＸ"]),
        ("vx123", ["vx"]),
        ("avx", []),
        ("vxa", []),
        ("ａvx", []),
        ("vxａ", []),
        ("a vx b", ["vx"]),
        ("vx", ["vx"]),
    ],
)
def test_a_latin_word_must_be_a_whole_word_in_any_width(text: str, wanted: list[str]) -> None:
    assert words(PhraseGroup(id="g", phrases=("VX",)), text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("没办法", [("没办法", "phrase")]),
        ("煤伴发", [("煤伴发", "sound")]),
        ("煤.伴.发", [("煤.伴.发", "sound")]),
        ("煤伴,发", []),
        ("加微信", [("加微信", "phrase")]),
        ("佳威信", [("佳威信", "sound")]),
        ("威信", []),
        ("没办", []),
    ],
)
def test_homophones_are_a_kind_of_their_own_and_need_three_characters(text: str, wanted: list[tuple[str, str]]) -> None:
    group = PhraseGroup(id="g", phrases=("没办法", "微信", "加微信"), homophones=True)
    found = where(Matcher(PhraseBook([group])), "g", text)
    assert found == wanted


def test_a_group_without_homophones_hears_nothing() -> None:
    assert words(PhraseGroup(id="g", phrases=("没办法",)), "煤伴发") == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("您说的“没办法”我记下了", []),
        ("您刚才说'没办法'是吗", []),
        ("亲说的「没办法」", []),
        ("没办法", ["没办法"]),
        ("我说“没办法”", ["没办法"]),
        ("您说“没办法”,我也没办法", ["没办法"]),
        ("您说:没办法", ["没办法"]),
    ],
)
def test_repeating_the_customers_words_in_quotation_marks_is_no_hit(text: str, wanted: list[str]) -> None:
    assert words(PhraseGroup(id="g", phrases=("没办法",), quoting_exempt=True), text) == wanted


@pytest.mark.parametrize(
    ("who", "side", "found"),
    [("any", "shop", True), ("any", "customer", True), ("agent", "shop", True), ("agent", "customer", False),
     ("customer", "shop", False), ("customer", "customer", True)],
)  # fmt: skip
def test_a_group_is_looked_for_on_its_side_only(who: str, side: Side, found: bool) -> None:
    group = PhraseGroup(id="g", who=who, phrases=("没办法",), patterns=("不可能",))  # type: ignore[arg-type]
    assert bool(words(group, "没办法", side)) == bool(words(group, "不可能", side)) == found


def test_an_exemption_covers_only_what_lies_inside_it() -> None:
    group = PhraseGroup(id="g", phrases=("不可能",), unless=("不是不可能",))
    assert words(group, "不是不可能") == []
    assert words(group, "不是不可能,但真的不可能") == ["不可能"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("甲乙丙丁戊", ["甲乙丙"]), ("乙丙丁戊", ["乙丙丁戊"]), ("甲乙和乙丙丁戊", ["甲乙", "乙丙丁戊"]), ("甲丙", [])],
)
def test_a_group_of_too_many_patterns_for_one_automaton_finds_the_longest_all_the_same(
    text: str, wanted: list[str]
) -> None:
    others = tuple(f"寄往第{number}仓的(?:货|件|包裹)" for number in range(1000))
    group = PhraseGroup(id="many", patterns=("甲乙", *others[:500], "甲乙丙", *others[500:], "乙丙丁戊"), who="any")
    assert len(Matcher(PhraseBook([group])).regexes[0].patterns) > 2
    assert words(group, text) == wanted


def test_an_empty_book_and_an_empty_block_find_nothing() -> None:
    assert Matcher(PhraseBook()).look("shop", ["没办法"]).spans("g", 0) == ()
    assert Matcher(book(g=("没办法",))).look("shop", []).messages("g").tolist() == []


class Kept:
    """A store in memory."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.taken = 0

    def get(self, key: str) -> bytes | None:
        self.taken += key in self.bodies
        return self.bodies.get(key)

    def alone(self, _: str) -> AbstractContextManager[None]:
        return nullcontext()

    def put(self, key: str, body: bytes) -> None:
        self.bodies[key] = body


def test_what_a_store_kept_finds_the_same_and_what_it_spoilt_is_made_anew() -> None:
    store = Kept()
    groups = book(g=PhraseGroup(id="g", who="agent", patterns=("没办法",)))
    first = where(prepared(groups, store), "g", "没办法")
    assert store.bodies
    assert not store.taken
    assert where(prepared(groups, store), "g", "没办法") == first
    assert store.taken
    store.bodies = dict.fromkeys(store.bodies, b"spoilt")
    assert where(prepared(groups, store), "g", "没办法") == first


def test_a_database_is_made_when_there_is_enough_to_look_through() -> None:
    store = Kept()
    matcher = Matcher(book(g=PhraseGroup(id="g", who="agent", patterns=("没办法",))), store)
    few = matcher.look("shop", ["没办法"] * 10).messages("g").tolist()
    assert few == list(range(10))
    assert not store.bodies
    many = matcher.look("shop", ["没办法"] * 30_000).messages("g").tolist()
    assert many == list(range(30_000))
    assert store.bodies


@pytest.mark.parametrize("mark", ["+", "*", "(", "[", "\\", "^", "$", "|", "/", "-", " ", "👍"])
def test_marks_in_a_phrase_are_no_syntax(mark: str) -> None:
    group = PhraseGroup(id="g", phrases=(f"没{mark}办法",))
    assert words(group, f"没{mark}办法") == [f"没{mark}办法"]
    assert words(group, "没办法") == ["没办法"]
