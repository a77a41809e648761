"""What the YAML parser (libyaml's words, and PyYAML's where they differ) complains about, as sayings.

The parser says it in English; a sentence that is not among these stays as it is.
"""

from __future__ import annotations

from qaplatform.audit.saying import Saying, say

_KNOWN: dict[str, Saying] = {
    str(one): one
    for one in (
        say("while parsing a block mapping"),
        say("while parsing a block collection"),
        say("while parsing a flow mapping"),
        say("while parsing a flow sequence"),
        say("while parsing a node"),
        say("while parsing a block node"),
        say("while parsing a flow node"),
        say("while scanning a simple key"),
        say("while scanning a quoted scalar"),
        say("while scanning a plain scalar"),
        say("while scanning a block scalar"),
        say("while scanning a double-quoted scalar"),
        say("while scanning for the next token"),
        say("while parsing a quoted scalar"),
        say("while scanning an anchor"),
        say("while scanning an alias"),
        say("while scanning a tag"),
        say("while parsing a tag"),
        say("while scanning a directive"),
        say("could not find expected ':'"),
        say("did not find expected key"),
        say("did not find expected '-' indicator"),
        say("did not find expected ',' or ']'"),
        say("did not find expected ',' or '}}'"),
        say("did not find expected node content"),
        say("did not find expected alphabetic or numeric character"),
        say("did not find expected comment or line break"),
        say("did not find expected whitespace or line break"),
        say("did not find expected <document start>"),
        say("did not find URI escaped octet"),
        say("did not find expected hexdecimal number"),
        say("found character that cannot start any token"),
        say("found a tab character that violates indentation"),
        say("found a tab character that violate indentation"),
        say("found a tab character where an indentation space is expected"),
        say("found unexpected end of stream"),
        say("found unexpected document indicator"),
        say("found unexpected ':'"),
        say("found unknown escape character"),
        say("found undefined tag handle"),
        say("found unknown directive name"),
        say("found extra document"),
        say("mapping values are not allowed in this context"),
        say("mapping values are not allowed here"),
        say("mapping keys are not allowed in this context"),
        say("block sequence entries are not allowed in this context"),
        say("sequence entries are not allowed here"),
        say("control characters are not allowed"),
    )
}


def complaint(said: str) -> str:
    """The parser's sentence, as a saying where it is known."""
    return _KNOWN.get(said, said)
