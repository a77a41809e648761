"""Phrase files: what loads, and where each mistake is shown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qaplatform.audit.pattern_lint import expanded
from qaplatform.audit.phrase_loading import PhraseError, check_phrases, load_phrases, read_phrase_file
from qaplatform.audit.phrases import PhraseBook, PhraseGroup, Words
from qaplatform.audit.problem import Problem, Report

CARET = "‸"
FILE = """\
defs:
  number: '[0-9一二三四五六七八九十]+'
  time: '<number>个?(?:小时|分钟|天)'
groups:
  apology:
    who: agent
    title: {zh: 致歉, en: Apology}
    phrases: [抱歉, 对不起]
    patterns: ['实在不好意思.{0,4}<time>', "sorry(?: about)? that"]
    unless: ['不用(?:说)?抱歉']
    homophones: true
    quoting_exempt: true
    hits: [给您带来不便非常抱歉]
    misses: [不用抱歉的, "no"]
  no:
    phrases: [不行]
    hits: [不行]
    misses: [行]
"""


def book(text: str, **others: str) -> PhraseBook:
    texts = {"a.yaml": text, **{f"{name}.yaml": other for name, other in others.items()}}
    return load_phrases(tuple(texts), texts.__getitem__, thorough=True)


def problems_of(text: str) -> list[str]:
    return [str(problem) for problem in check_phrases(["a.yaml"], {"a.yaml": text}.__getitem__)[1]]


def test_a_group_carries_everything_that_was_written_with_its_pieces_written_out() -> None:
    assert problems_of(FILE) == []
    group = book(FILE)["apology"]
    number = "(?:[0-9一二三四五六七八九十]+)"
    assert group.patterns == (f"实在不好意思.{{0,4}}(?:{number}个?(?:小时|分钟|天))", "sorry(?: about)? that")
    assert (group.who, group.title, group.phrases) == ("agent", Words("致歉", "Apology"), ("抱歉", "对不起"))
    assert (group.unless, group.homophones, group.quoting_exempt) == (("不用(?:说)?抱歉",), True, True)
    assert [sample.text for sample in group.misses] == ["不用抱歉的", "no"]
    assert str(group.hits[0].mark) == "a.yaml:13:12"
    assert str(group.mark) == "a.yaml:5:3"


def test_what_is_left_out_has_its_default_and_a_group_may_be_called_no() -> None:
    group = book(FILE)["no"]
    assert (group.who, group.title, group.patterns, group.homophones) == ("any", None, (), False)


def test_groups_of_several_files_make_one_book() -> None:
    other = "groups: {thanks: {phrases: [谢谢], hits: [谢谢您], misses: [感觉]}}\n"
    assert list(book(FILE, b=other)) == ["apology", "no", "thanks"]


def test_a_group_defined_in_two_files_is_an_error_in_the_second() -> None:
    texts = {"a.yaml": FILE, "b.yaml": "groups:\n  no: {phrases: [不可以]}\n"}
    with pytest.raises(PhraseError, match=r"b\.yaml:2:3: error: group 'no' is also defined at a\.yaml:15:3"):
        load_phrases(tuple(texts), texts.__getitem__)


ONE = "groups:\n  g: {hits: [x], misses: [y], "
DEFINED = "defs: {time: '[0-9]+'}\n" + ONE
MISTAKES = [
    ("‸defs: {}\n", "a phrase file needs 'groups'"),
    ("groups: ‸{}\n", "the file defines no group"),
    ("groups: ‸[]\n", "groups must be a mapping, not a list"),
    ("groups:\n  ‸Bad Id: {phrases: [a]}\n", "a group's id must be of lower-case letters"),
    ("groups:\n  g: {phrases: [a]}\n  ‸g: {phrases: [b]}\n", "key 'g' is given twice, first in line 2"),
    ("groups:\n  ‸g: {hits: [x]}\n", "group 'g' has neither phrases nor patterns"),
    (ONE + "‸phrase: [a]}", "unknown key 'phrase' in group 'g'; did you mean 'phrases'?"),
    (ONE + "phrases: [a], who: ‸agents}", "who must be agent, customer or any, not 'agents'; did you mean 'agent'?"),
    (ONE + "phrases: [a], homophones: ‸yes}", "homophones must be true or false, not 'yes'"),
    (ONE + "phrases: ‸抱歉}", "phrases must be a list, not '抱歉'"),
    (ONE + "phrases: [‸[a]]}", "a phrase must be a text, not a list"),
    (ONE + "phrases: [抱歉, ‸抱 歉!]}", "'抱 歉!' is the same phrase as the one in line 2"),
    (ONE + "phrases: [‸'?!']}", "'?!' has no letter or digit, so it can never be found"),
    (ONE + "phrases: [a], ‸misses: [x]}", "key 'misses' is given twice, first in line 2"),
    ("groups:\n  g: {phrases: [a], hits: [x], misses: [‸x]}", "'x' stands under hits and under misses"),
    ("groups:\n  g: {phrases: [a], hits: [x, ‸x]}", "'x' stands twice under hits"),
    (ONE + "patterns: ['好的‸(?=呀)']}", "look-ahead ((?=) is not possible in RE2"),
    (ONE + 'patterns: ["好的‸(?<!不)要"]}', "look-behind ((?<!) is not possible in RE2"),
    (ONE + "patterns: ['(a)‸\\1']}", "a back reference (\\1) is not possible in RE2"),
    (ONE + "patterns: ['it''s ‸(?>a)']}", "an atomic group ((?>) is not possible in RE2"),
    (ONE + "patterns: ['a‸**']}", "RE2 refuses the pattern: '**' repeats what is repeated already"),
    (ONE + "patterns: ['‸(?:好的)?']}", "the pattern matches the empty string"),
    (ONE + "patterns: ['‸a|\\b']}", "the pattern matches the empty string"),
    (ONE + "patterns: [好的, ‸'好的']}", "the same pattern stands in line 2"),
    (ONE + "patterns: [‸'']}", "a pattern must be a text, not ''"),
    (DEFINED + "patterns: ['等‸<tiem>']}", "<tiem> is not defined in this file; did you mean 'time'?"),
    ("defs:\n  one: 'a‸<two>'\n  two: b\n" + ONE + "patterns: ['<two><one>']}", "<two> is not defined"),
    ("defs:\n  ‸bad-name: a\n" + ONE + "patterns: [a]}", "a piece's name must be of letters, digits"),
    ("defs:\n  one: '‸(?!a)'\n" + ONE + "patterns: ['b<one>']}", "look-ahead"),
    ("groups:\n  g:\n    phrases: [a]\n    unless:\n      - |\n        一句\n        ‸(?=二)\n", "look-ahead"),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES, ids=range(len(MISTAKES)))
def test_each_mistake_is_an_error_at_its_own_line_and_column(text: str, message: str) -> None:
    before = text[: text.index(CARET)]
    where = f":{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
    text = text.replace(CARET, "")
    said = problems_of(text)
    assert any(line.startswith(f"a.yaml{where}: error: ") and message in line for line in said), said
    with pytest.raises(PhraseError):
        book(text)


WARNINGS = [
    ("groups:\n  g: {phrases: [a], misses: [y]}", ["a.yaml:2:3: warning: group 'g' has no hits; give examples that"]),
    ("groups:\n  g: {phrases: [a], hits: [y]}", ["a.yaml:2:3: warning: group 'g' has no misses; give examples that"]),
    (ONE + "phrases: [微信], homophones: true}", ["a.yaml:2:58: warning: homophones finds nothing: group 'g' has no"]),
    ("defs: {unused: a}\n" + ONE + "phrases: [a]}", ["a.yaml:1:8: warning: the piece 'unused' is never used"]),
    (ONE + "phrases: [a], title: {zh: 甲}}", ["a.yaml:2:52: warning: title has no 'en' text"]),
]


@pytest.mark.parametrize(("text", "expected"), WARNINGS, ids=range(len(WARNINGS)))
def test_a_warning_is_shown_and_the_file_still_loads(text: str, expected: list[str]) -> None:
    said = problems_of(text)
    assert len(said) == len(expected)
    assert all(line.startswith(start) for line, start in zip(said, expected, strict=True)), said
    assert "g" in book(text)


@pytest.mark.parametrize(
    ("pattern", "column", "message"),
    [
        ("好的，谢谢", 45, "'，' never stands in the folded text a pattern sees; it is folded to ','"),
        ("加V信", 44, "'V' never stands in the folded text a pattern sees; it is folded to 'v'"),
        ("謝谢", 43, "'謝' never stands in the folded text a pattern sees; it is folded to '谢'"),
    ],
)
def test_a_character_that_folding_removes_is_a_warning(pattern: str, column: int, message: str) -> None:
    assert problems_of(f"{ONE}patterns: ['{pattern}']}}") == [f"a.yaml:2:{column}: warning: {message}"]


def test_a_group_id_may_have_a_family() -> None:
    assert list(book(ONE.replace("g:", "feel/angry:") + "phrases: [a]}")) == ["feel/angry"]


@pytest.mark.parametrize(
    ("pattern", "result"),
    [
        ("a<t>b", "a(?:[0-9]+)b"),
        ("a?<t>", "a?(?:[0-9]+)"),
        (r"\(?<t>\)?", r"\(?(?:[0-9]+)\)?"),
        (r"\<t>", r"\<t>"),
        ("[<t>]", "[<t>]"),
        ("[]<t>]<t>", "[]<t>](?:[0-9]+)"),
        ("(?P<t>x)", "(?P<t>x)"),
        ("<3 <t", "<3 <t"),
    ],
)
def test_a_named_piece_is_written_out_where_it_is_meant_as_one(pattern: str, result: str) -> None:
    assert expanded(pattern, {"t": "[0-9]+"}, lambda index, name: pytest.fail(f"{name} at {index}")) == result


def test_the_hash_of_a_book_covers_what_it_finds_and_not_its_examples() -> None:
    same = FILE.replace("给您带来不便非常抱歉", "真对不起您").replace("defs:", "# words\ndefs:")
    assert book(same).content_hash == book(FILE).content_hash
    for old, new in (
        ("homophones: true", "homophones: false"),
        ("[不行]\n    hits", "[不行, 没门]\n    hits"),
        ("who: agent", "who: any"),
    ):
        assert old in FILE
        assert book(FILE.replace(old, new)).content_hash != book(FILE).content_hash


def test_the_order_of_files_does_not_change_the_hash() -> None:
    one, two = PhraseGroup("one", phrases=("a",)), PhraseGroup("two", phrases=("b",))
    assert PhraseBook([one, two]).content_hash == PhraseBook([two, one]).content_hash


_JUNK = st.text(alphabet="<>()[]{}?*+|\\^$.:,'\"- \n\tpPd1a抱，𠮷\x00\ud800", max_size=10)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(FILE)), st.integers(0, 6), _JUNK)
def test_a_damaged_file_raises_nothing_but_our_error(begin: int, length: int, junk: str) -> None:
    text = FILE[:begin] + junk + FILE[begin + length :]
    problems: tuple[Problem, ...] = ()
    try:
        load_phrases(["a.yaml"], {"a.yaml": text}.__getitem__, thorough=True)
    except PhraseError as error:
        problems = error.problems
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)


@settings(max_examples=200, deadline=None)
@given(_JUNK)
def test_any_pattern_is_either_refused_or_accepted(pattern: str) -> None:
    text = 'groups:\n  g: {patterns: ["' + pattern.replace("\\", "\\\\").replace('"', '\\"') + '"]}\n'
    found, problems = check_phrases(["a.yaml"], {"a.yaml": text}.__getitem__)
    assert (found is None) == any(problem.severity == "error" for problem in problems)


class _Kept(dict[str, bytes]):
    """A store in memory."""

    put = dict.__setitem__
    __hash__ = object.__hash__  # type: ignore[assignment]


def test_what_was_read_without_a_mistake_is_kept_and_read_no_more() -> None:
    good = "groups:\n  kept_a:\n    phrases: [没办法]\n    hits: [真的没办法]\n    misses: [有办法]\n"
    doubtful = "defs:\n  unused: x\n" + good
    kept = _Kept()
    for text in (good, doubtful):
        report, groups = Report(), {}
        read_phrase_file("a.yaml", text, report, groups, thorough=False, kept=kept)
        assert list(groups) == ["kept_a"]
        assert len(kept) == 1, "what there is something to say of is read again"
    [(key, body)] = kept.items()
    again = _Kept({key: body.replace("没办法".encode(), "可以的".encode())})
    for store, found in ((again, "可以的"), (_Kept({key: b"spoilt"}), "没办法")):
        groups = {}
        read_phrase_file("a.yaml", good, Report(), groups, thorough=False, kept=store)
        assert groups["kept_a"].phrases == (found,)
        assert str(groups["kept_a"].mark) == "a.yaml:2:3"
