"""What is wrong with a pattern, said at the character where it is wrong.

Patterns are RE2 and are also compiled by Hyperscan, which finds the candidates; so only what both take is
allowed. They run over folded text (:mod:`qaplatform.audit.normalise`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

import hyperscan
import re2

from qaplatform.audit.normalise import fold, fold_table
from qaplatform.audit.pattern_complaints import Token, complaint
from qaplatform.audit.saying import Saying, say

_TOKEN = re.compile(
    r"\\[pP]\{[^}]*\}|\\x\{[^}]*\}|\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]"
    r"|\(\?P?<[^>=!]*>|(?P<name><[A-Za-z_]\w*>)|.",
    re.DOTALL,
)
_REFUSED = {
    "(?=": say("look-ahead"),
    "(?!": say("look-ahead"),
    "(?<=": say("look-behind"),
    "(?<!": say("look-behind"),
    "(?>": say("an atomic group"),
    "(?P=": say("a back reference"),
    "(?P>": say("recursion"),
    "(?R": say("recursion"),
    "(?#": say("a comment"),
    "(?(": say("a condition"),
}
_SUSPECT = re.compile("|".join((*map(re.escape, _REFUSED), r"\\[1-9gk]")))
"""Most patterns hold none of this, and need not be looked through character by character."""
_BACK_REFERENCE = re.compile(r"\\[1-9gk]\Z")
_PROBES = ("", "a", "字", "a 字1", "好的,谢谢!")


def expanded(pattern: str, pieces: Mapping[str, str], undefined: Callable[[int, str], None]) -> str:
    r"""The pattern with every ``<name>`` written out as ``(?:…)``.

    ``undefined`` is told place and name of those ``pieces`` lacks. An escaped ``\<``, a ``<`` in a character class
    and the name of a group ``(?P<name>…)`` are left alone.
    """
    if "<" not in pattern:
        return pattern
    out: list[str] = []
    for token in _TOKEN.finditer(pattern):
        if token["name"] is None:
            out.append(token[0])
        elif token["name"][1:-1] in pieces:
            out.append(f"(?:{pieces[token['name'][1:-1]]})")
        else:
            undefined(token.start(), token["name"][1:-1])
    return "".join(out)


def pattern_mistake(pattern: str, source: str, *, may_be_empty: bool) -> tuple[int, Saying] | None:
    """Place in ``source`` (the pattern as written) and reason of the first mistake, or ``None``.

    ``may_be_empty`` allows a piece that can match nothing.
    """
    for token in _TOKEN.finditer(source) if _SUSPECT.search(source) else ():
        sign = next((sign for sign in _REFUSED if source.startswith(sign, token.start())), "")
        if sign or _BACK_REFERENCE.match(token[0]):
            sign = sign or token[0]
            name = _REFUSED.get(sign, _REFUSED["(?P="])
            return token.start(), say("{name} ({sign}) is not possible in RE2", name=name, sign=sign)
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
        place, reason = complaint(said, source, [Token(one.start(), one[0]) for one in _TOKEN.finditer(source)])
        return place, say("RE2 refuses the pattern: {reason}", reason=reason)
    if not may_be_empty and any(
        found.start() == found.end() for probe in _PROBES for found in compiled.finditer(probe)
    ):
        return 0, say("the pattern matches the empty string, so it would hit everywhere")
    return None


def hyperscan_mistake(patterns: Sequence[str]) -> str | None:
    """Why Hyperscan refuses some of these patterns, or ``None``. Costs some milliseconds a pattern."""
    if not patterns:
        return None
    try:
        hyperscan.Database().compile(
            expressions=[pattern.encode() for pattern in patterns],
            ids=list(range(len(patterns))),
            flags=[hyperscan.HS_FLAG_UTF8] * len(patterns),
        )
    except hyperscan.error as error:
        return str(error)
    return None


def unfolded(source: str) -> tuple[int, Saying] | None:
    """Place and reason of the first character that never stands in folded text, so that it can never match."""
    if not any(map(_is_folded_away, set(source))):
        return None
    for token in _TOKEN.finditer(source):
        character = token[0]
        if len(character) == 1 and _is_folded_away(character):
            folded = fold(character)
            said = say("it is folded to {folded!r}", folded=folded) if folded else say("it is dropped")
            strange = say(
                "{character!r} never stands in the folded text a pattern sees; {said}", character=character, said=said
            )
            return token.start(), strange
    return None


@cache
def _is_folded_away(character: str) -> bool:
    return int(fold_table().fold[ord(character)]) != ord(character)
