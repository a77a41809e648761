"""What is wrong with a pattern, said at the character where it is wrong.

Patterns are RE2 and are also compiled by Hyperscan, which finds the candidates; so only what both take is
allowed. They run over folded text (:mod:`qaplatform.audit.normalise`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import hyperscan
import re2

from qaplatform.audit.normalise import fold, fold_table

_TOKEN = re.compile(
    r"\\[pP]\{[^}]*\}|\\x\{[^}]*\}|\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]"
    r"|\(\?P?<[^>=!]*>|(?P<name><[A-Za-z_]\w*>)|.",
    re.DOTALL,
)
_REFUSED = {
    "(?=": "look-ahead",
    "(?!": "look-ahead",
    "(?<=": "look-behind",
    "(?<!": "look-behind",
    "(?>": "an atomic group",
    "(?P=": "a back reference",
    r"\1": "a back reference",
}
_PROBES = ("", "a", "字", "a 字1", "好的,谢谢!")


def expanded(pattern: str, pieces: Mapping[str, str], undefined: Callable[[int, str], None]) -> str:
    """The pattern with every ``<name>`` written out as ``(?:…)``; ``undefined`` is told place and name of unknown ones.

    An escaped ``\\<``, a ``<`` in a character class and the name of a group ``(?P<name>…)`` are left alone.
    """
    out: list[str] = []
    for token in _TOKEN.finditer(pattern):
        if token["name"] is None:
            out.append(token[0])
        elif token["name"][1:-1] in pieces:
            out.append(f"(?:{pieces[token['name'][1:-1]]})")
        else:
            undefined(token.start(), token["name"][1:-1])
    return "".join(out)


def pattern_mistake(pattern: str, source: str, *, may_be_empty: bool, thorough: bool) -> tuple[int, str] | None:
    """Place in ``source`` (the pattern as written) and reason of the first mistake, or ``None``.

    ``may_be_empty`` allows a piece that can match nothing. ``thorough`` also compiles the pattern in Hyperscan
    alone (about 2 ms); without, the matcher finds that out.
    """
    for token in _TOKEN.finditer(source):
        if token[0] == "(" or token[0].startswith(("(?", "\\")):
            for sign, name in _REFUSED.items():
                if source.startswith(sign, token.start()) or (sign == r"\1" and re.match(r"\\[1-9]", token[0])):
                    written = source[token.start() : token.start() + len(sign)]
                    return token.start(), f"{name} ({written}) is not possible in RE2"
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
        piece = said.rpartition(": ")[2]
        return max(source.find(piece), 0) if piece != pattern else 0, f"RE2 refuses the pattern: {said}"
    for probe in () if may_be_empty else _PROBES:
        if any(found.start() == found.end() for found in compiled.finditer(probe)):
            return 0, "the pattern matches the empty string, so it would hit everywhere"
    if thorough and not may_be_empty:
        try:
            hyperscan.Database().compile(expressions=[pattern.encode()], ids=[0], flags=[hyperscan.HS_FLAG_UTF8])
        except hyperscan.error as error:
            return 0, f"Hyperscan refuses the pattern: {error}"
    return None


def unfolded(source: str) -> tuple[int, str] | None:
    """Place and reason of the first character that never stands in folded text, so that it can never match."""
    table = fold_table().fold
    for token in _TOKEN.finditer(source):
        character = token[0]
        if len(character) == 1 and int(table[ord(character)]) != ord(character):
            folded = fold(character)
            said = f"it is folded to {folded!r}" if folded else "it is dropped"
            return token.start(), f"{character!r} never stands in the folded text a pattern sees; {said}"
    return None
