"""What RE2 refuses is said at its place and in the reader's language; what nobody has met yet in RE2's own words."""

from __future__ import annotations

import pytest

from qaplatform.audit.pattern_complaints import Token, complaint
from qaplatform.audit.pattern_lint import pattern_mistake

CARET = "‸"
CLOSE = "this ( is never closed, a ) is missing; a bracket that is meant is written \\("
TIMES = "' is no number of times: at most 1000, "
NOTHING = "' that it could repeat"
REFUSED = [
    ("a(b)‸(c", CLOSE),
    ("a(b)‸(?:c(d)", CLOSE),
    ("a‸(?i", CLOSE),
    ("a(b)‸)", "there is no ( for this ); a bracket that is meant is written \\)"),
    ("x[ab]y‸[a", "this [ is never closed, a ] is missing; a bracket that is meant is written \\["),
    ("ab‸\\", "the \\ at the end says nothing; one that is meant is written \\\\"),
    ("a\\**b‸**", "'**' repeats what is repeated already; leave one of the signs"),
    ("a‸++", "'++' repeats what is repeated already"),
    ("‸*a", "there is nothing before '*' that it could repeat; where the sign is meant, write '\\*'"),
    ("(?:a)|‸?", "there is nothing before '?" + NOTHING),
    ("a*(‸*)", "there is nothing before '*" + NOTHING),
    ("(?:a|‸?[?!])", "there is nothing before '?" + NOTHING),
    ("a?(?:‸*a)", "there is nothing before '*" + NOTHING),
    ("‸{2}", "there is nothing before '{2}" + NOTHING),
    ("b‸{2,1}", "'{2,1}" + TIMES),
    ("b‸{1001}", "'{1001}" + TIMES),
    ("((((a‸{100}){100}){100}){100})", "'{100}" + TIMES),
    ("b\\\\y‸\\y", "there is no '\\y'; where the character itself is meant, leave out the \\"),
    ("[\\\\y‸\\y]", "there is no '\\y'"),
    ("a‸\\Z", "there is no '\\Z'; the end of the text is \\z"),
    ("b[‸\\u4e00-\\u9fa5]", "there is no '\\u'; write the character itself, or \\x{4E00} with its number"),
    ("b‸\\x{110000}", "'\\x{110000' is no character; write \\x{4E00} with its number"),
    ("b[x‸b-a]", "the range 'b-a' runs backwards; the smaller character comes first"),
    ("b[‸[:foo:]]", "there is no class of characters '[:foo:]'"),
    ("b‸\\p{Foo}", "there is no class of characters '\\p{Foo}'"),
    ("‸(?P<1a->b)", "'(?P<1a->' is no name of a group; letters, digits and _ stand between < and >"),
    ("c‸(?Q)", "there is no '(?Q'"),
]
NOT_IN_RE2 = [
    ("好的‸(?=呀)", "look-ahead ((?=)"),
    ("好的‸(?<!不)要", "look-behind ((?<!)"),
    ("(a)‸\\1", "a back reference (\\1)"),
    ("(a)‸\\k<n>", "a back reference (\\k)"),
    ("it‸(?>a)", "an atomic group ((?>)"),
    ("a‸(?#c)", "a comment ((?#)"),
    ("(a)‸(?(1)b)", "a condition ((?()"),
    ("a‸(?R)", "recursion ((?R)"),
]


@pytest.mark.parametrize(
    ("marked", "reason"),
    [*((one, f"RE2 refuses the pattern: {said}") for one, said in REFUSED), *NOT_IN_RE2],
)  # fmt: skip
def test_what_re2_refuses_is_said_at_its_place(marked: str, reason: str) -> None:
    source = marked.replace(CARET, "")
    mistake = pattern_mistake(source, source, may_be_empty=False)
    assert mistake is not None
    assert (mistake[0], mistake[1][: len(reason)]) == (marked.index(CARET), reason)


def test_what_is_not_known_is_said_in_its_own_words() -> None:
    tokens = [Token(number, one) for number, one in enumerate("ab")]
    place, said = complaint("no such thing: b", "ab", tokens)
    assert (place, said) == (1, "in its own words: no such thing: b")
    assert complaint("unexpected error", "ab", tokens) == (0, "in its own words: unexpected error")
    assert complaint("pattern too large - compile failed", "ab", tokens)[0] == 0


@pytest.mark.parametrize(("piece", "source"), [("z", "<name>"), ("", ""), ("(", "")])
@pytest.mark.parametrize(
    "kind",
    [
        "missing )", "missing ]", "unexpected )", "bad repetition operator", "no argument for repetition operator",
        "invalid escape sequence", "invalid character class range", "invalid perl operator", "trailing \\",
    ],
)  # fmt: skip
def test_a_complaint_about_what_a_piece_of_the_file_holds_has_a_place_in_the_pattern(
    kind: str, piece: str, source: str
) -> None:
    """Patterns name pieces that stand elsewhere in the file."""
    place, said = complaint(f"{kind}: {piece}" if piece else kind, source, [Token(0, source)] if source else [])
    assert place == 0
    assert said
