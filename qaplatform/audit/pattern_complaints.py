r"""What RE2 complains about in a pattern, as a saying and at its place; what is not known here stays in RE2's own words.

RE2 says a kind and the piece it is about (``bad repetition operator: **``), and no place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from qaplatform.audit.saying import Saying, say

MOST_REPEATED = 1000
"""RE2's own bound."""
_PIECES = re.compile(r"\\[pP]\{[^}]*\}?|\\x\{[^}]*\}?|\\.|.", re.DOTALL)
_FLAGS = re.compile(r"\(\?[a-zA-Z-]*:?\Z")


class Token(NamedTuple):
    """A piece of a pattern that means one thing: a character, an escape, a whole character class."""

    start: int
    text: str


def complaint(said: str, source: str, tokens: Sequence[Token]) -> tuple[int, Saying]:
    """Place in ``source`` (the pattern as it was written) and reason, of what RE2 said about it."""
    if said == "trailing \\":
        return max(len(source) - 1, 0), say("the \\ at the end says nothing; one that is meant is written \\\\")
    kind, _, piece = said.partition(": ")
    if kind == "missing )" or (kind == "invalid perl operator" and _FLAGS.fullmatch(piece) and source.endswith(piece)):
        return _unclosed(tokens), say("this ( is never closed, a ) is missing; a bracket that is meant is written \\(")
    if kind in _SAID:
        return _place(kind, piece, source, tokens), _SAID[kind](piece)
    return max(source.find(piece), 0) if piece else 0, say("in its own words: {reason}", reason=said)


def _escape(piece: str) -> Saying:
    if piece[:2] in ("\\u", "\\U", "\\N"):
        return say("there is no '{piece}'; write the character itself, or \\x{{4E00}} with its number", piece=piece)
    if piece[:2] == "\\x":
        return say("'{piece}' is no character; write \\x{{4E00}} with its number", piece=piece)
    if piece == "\\Z":
        return say("there is no '{piece}'; the end of the text is \\z", piece=piece)
    return say("there is no '{piece}'; where the character itself is meant, leave out the \\", piece=piece)


def _class(piece: str) -> Saying:
    if piece.startswith(("[:", "\\p", "\\P")):
        return say("there is no class of characters '{piece}'", piece=piece)
    return say("the range '{piece}' runs backwards; the smaller character comes first", piece=piece)


def _repeated(piece: str) -> Saying:
    if piece.startswith("{"):
        return say("there is nothing before '{piece}' that it could repeat", piece=piece)
    return say(
        "there is nothing before '{piece}' that it could repeat; where the sign is meant, write '{literal}'",
        piece=piece,
        literal="\\" + piece,
    )


_SAID: Mapping[str, Callable[[str], Saying]] = {
    "unexpected )": lambda _: say("there is no ( for this ); a bracket that is meant is written \\)"),
    "missing ]": lambda _: say("this [ is never closed, a ] is missing; a bracket that is meant is written \\["),
    "no argument for repetition operator": _repeated,
    "bad repetition operator": lambda piece: say(
        "'{piece}' repeats what is repeated already; leave one of the signs", piece=piece
    ),
    "invalid repetition size": lambda piece: say(
        "'{piece}' is no number of times: at most {most}, counting repetitions around it, and the smaller one first",
        piece=piece,
        most=MOST_REPEATED,
    ),
    "invalid escape sequence": _escape,
    "invalid character class range": _class,
    "invalid named capture group": lambda piece: say(
        "'{piece}' is no name of a group; letters, digits and _ stand between < and >", piece=piece
    ),
    "invalid perl operator": lambda piece: say("there is no '{piece}'", piece=piece),
    "pattern too large - compile failed": lambda _: say("it is too large; make several of it"),
}


def _place(kind: str, piece: str, source: str, tokens: Sequence[Token]) -> int:
    if kind == "unexpected )":
        return _unopened(tokens)
    if kind == "missing ]":
        return next((one.start for one in tokens if one.text == "["), 0)
    if kind == "no argument for repetition operator":
        found = _unrepeatable(piece, source, tokens)
        if found is not None:
            return found
    if not piece:
        return 0
    at = next((one.start for one in tokens if one.text[0] != "[" and source.startswith(piece, one.start)), None)
    if at is not None:
        return at
    # In a character class, whose pieces are no tokens; an escaped backslash begins no escape.
    inside = (
        one.start + match.start()
        for one in tokens
        if one.text[0] == "["
        for match in _PIECES.finditer(one.text)
        if one.text.startswith(piece, match.start())
    )
    return next(inside, max(source.find(piece), 0))


def _unclosed(tokens: Sequence[Token]) -> int:
    """The last bracket that nothing closes."""
    opened: list[int] = []
    for one in tokens:
        if _opens(one):
            opened.append(one.start)
        elif one.text == ")" and opened:
            opened.pop()
    return opened[-1] if opened else 0


def _unopened(tokens: Sequence[Token]) -> int:
    """The first bracket that closes nothing."""
    depth = 0
    for one in tokens:
        depth += _opens(one) - (one.text == ")")
        if depth < 0:
            return one.start
    return 0


def _opens(token: Token) -> bool:
    return token.text == "(" or token.text.startswith("(?")


def _unrepeatable(piece: str, source: str, tokens: Sequence[Token]) -> int | None:
    """The sign of repetition at the beginning of the pattern, of a group or of an alternative."""
    before = ""
    for one in tokens:
        # The ? behind a bracket is none: it says what kind of group it is.
        begins = before in ("", "|") or before.endswith("(?:") or (before == "(" and one.text != "?")
        if begins and source.startswith(piece, one.start):
            return one.start
        before = before + one.text if before in ("(", "(?") else one.text
    return None
