"""A drill as a form shows it, and the YAML of a file of its own: one made of the other, and where a mistake belongs.

What a form cannot show (keys nobody knows, acts there are not) is left to whoever edits the YAML: :func:`fields_in` gives ``None``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, cast, get_args

import msgspec

from qaplatform.audit.phrases import Words
from qaplatform.audit.problem import Mark, Report
from qaplatform.audit.yaml_source import Items, Node, Pairs, Scalar, compose
from qaplatform.exam.act_names import ABOUTS, ACTS
from qaplatform.exam.scenario import Sign
from qaplatform.training.drills import DEFAULT_SIGNS, Language, Must
from qaplatform.training.yaml_writing import list_yaml, text_yaml, words_yaml

LANGUAGES: tuple[Language, ...] = ("zh", "en")
SIGNS: tuple[Sign, ...] = get_args(Sign)
_NEVER_ASKED = frozenset({"stalls", "rebuffs", "asks_off_platform", "asks_for_review", "unread"})
MUST_ACTS: tuple[str, ...] = tuple(act for act in ACTS if act not in _NEVER_ASKED)
"""What a form offers as something to be done; nobody asks for what is bad."""
_KEPT_KEYS = ("trains", "from_chats")
"""Of the criterion, not of the drill: kept as they stand."""
_FILE_KEYS = ("criterion", *_KEPT_KEYS, "drills")
_TEXT_KEYS = ("id", "shop", "queue", "promotion")
DRILL_KEYS = ("id", "title", "must", "must_not", "queue", "promotion", "shop", "return_addresses", *LANGUAGES)
"""The keys of a drill, in the order in which they are written."""
WORDING_KEYS = ("chat", "then", "panel", "good", "bad")
"""Those of a wording."""


class WordingFields(msgspec.Struct, frozen=True, kw_only=True):
    """A drill in one language."""

    chat: str = ""
    """Messages as ``qaplatform.audit.notation`` reads them."""
    then: str = ""
    panel: tuple[str, ...] = ()
    good: str = ""
    bad: str = ""


class DrillFields(msgspec.Struct, frozen=True, kw_only=True):
    """A drill as it is filled in; anything may be empty still."""

    id: str
    criterion: str = ""
    title: Words = Words("", "")
    musts: tuple[Must, ...] = ()
    must_not: tuple[str, ...] = DEFAULT_SIGNS
    queue: str = "after_sale"
    promotion: bool = False
    shop: str = ""
    return_addresses: tuple[str, ...] = ()
    wordings: Mapping[Language, WordingFields] = {}
    kept: str = ""
    """Comments at the top of the file and what belongs to the criterion, as they stand."""

    def wording(self, language: Language) -> WordingFields:
        """In that language, empty where nobody has written it."""
        return self.wordings.get(language, WordingFields())


class Place(NamedTuple):
    """Where a mistake belongs: the keys that lead to a field (numbers of lists among them), and the line inside its text."""

    keys: tuple[str | int, ...]
    line: int | None


def must_yaml(must: Must) -> str:
    """What has to be done as it is written: ``asks photo``, ``promises refund/resend due``."""
    return " ".join(part for part in ("/".join(must.acts), "/".join(must.abouts), "due" if must.due else "") if part)


def drill_yaml(fields: DrillFields) -> str:
    """The text of a file with this drill."""
    lines = [f"criterion: {text_yaml(fields.criterion)}", "drills:"]
    if fields.kept:
        comments = [one for one in fields.kept.split("\n") if one.startswith("#")]
        others = [one for one in fields.kept.split("\n") if not one.startswith("#")]
        lines = [*comments, lines[0], *others, lines[1]]
    return "\n".join([*lines, "  - " + "\n    ".join(drill_lines(fields))]) + "\n"


def drill_lines(fields: DrillFields) -> Iterator[str]:
    """The drill itself, key by key, without indentation."""
    yield f"id: {text_yaml(fields.id)}"
    yield f"title: {words_yaml(fields.title)}"
    yield f"must: {list_yaml(must_yaml(one) for one in fields.musts)}"
    if fields.must_not != DEFAULT_SIGNS:
        yield f"must_not: {list_yaml(fields.must_not)}"
    if fields.queue != "after_sale":
        yield f"queue: {text_yaml(fields.queue)}"
    if fields.promotion:
        yield "promotion: true"
    if fields.shop:
        yield f"shop: {text_yaml(fields.shop)}"
    if fields.return_addresses:
        yield f"return_addresses: {list_yaml(fields.return_addresses)}"
    for language in LANGUAGES:
        wording = fields.wording(language)
        if language == "zh" or wording != WordingFields():
            yield f"{language}:"
            yield from (f"  {line}" for line in wording_lines(wording))


def wording_lines(wording: WordingFields) -> Iterator[str]:
    """A wording, key by key, without indentation."""
    yield from _block("chat", wording.chat)
    if wording.then:
        yield from _block("then", wording.then)
    if wording.panel:
        yield f"panel: {list_yaml(wording.panel)}"
    yield f"good: {text_yaml(wording.good)}"
    yield f"bad: {text_yaml(wording.bad)}"


def block_lines(text: str) -> list[str]:
    """The lines of a chat as they are written."""
    return [line.strip() for line in text.strip().split("\n")]


def _block(key: str, text: str) -> Iterator[str]:
    lines = block_lines(text)
    if lines == [""]:
        yield f'{key}: ""'
        return
    yield f"{key}: |"
    yield from (f"  {line}" for line in lines)


# ------------------------------------------------------------------------------------------------------ reading


class _BeyondTheFormError(Exception):
    """The text says what no form shows."""


def fields_in(text: str, code: str | None = None) -> DrillFields | None:
    """What a form shows of a file with one drill, or with the drill ``code`` among others; ``None``: a form cannot show it."""
    report = Report()
    root = compose("", text, report)
    if root is None or report.failed:
        return None
    try:
        return _fields(root, text, code)
    except _BeyondTheFormError:
        return None


def _fields(root: Node, text: str, code: str | None) -> DrillFields:
    file = _mapping(root, _FILE_KEYS)
    drills = _items(file.get("drills"))
    if code is not None:
        drills = [one for one in drills if isinstance(one, Pairs) and _text(_keys(one).get("id")) == code]
    if len(drills) != 1:
        raise _BeyondTheFormError
    drill = _mapping(drills[0], DRILL_KEYS)
    texts = {key: _text(drill.get(key)) for key in _TEXT_KEYS}
    title = _mapping(drill["title"], LANGUAGES) if "title" in drill else {}
    signs = _texts(drill.get("must_not")) if "must_not" in drill else DEFAULT_SIGNS
    if texts["promotion"] not in ("", "true", "false") or not set(signs) <= set(SIGNS):
        raise _BeyondTheFormError
    return DrillFields(
        id=texts["id"],
        criterion=_text(file.get("criterion")),
        title=Words(_text(title.get("zh")), _text(title.get("en"))),
        musts=tuple(map(_must, _texts(drill.get("must")))),
        must_not=signs,
        queue=texts["queue"] or "after_sale",
        promotion=texts["promotion"] == "true",
        shop=texts["shop"],
        return_addresses=_texts(drill.get("return_addresses")),
        wordings={one: _wording(drill[one]) for one in LANGUAGES if one in drill},
        kept=_kept(root, text),
    )


def _wording(node: Node) -> WordingFields:
    fields = _mapping(node, WORDING_KEYS)
    texts = {key: _text(fields.get(key)) for key in WORDING_KEYS if key != "panel"}
    return WordingFields(**texts, panel=_texts(fields.get("panel")))


def _must(text: str) -> Must:
    words = text.split()
    due = words[-1:] == ["due"]
    acts, *rest = words[:-1] if due else words or [""]
    must = Must(tuple(acts.split("/")), tuple(one for part in rest for one in part.split("/")), due)
    if not (set(must.acts) <= set(MUST_ACTS) and set(must.abouts) <= ABOUTS):
        raise _BeyondTheFormError
    return must


def _kept(root: Node, text: str) -> str:
    lines = text.removeprefix("\ufeff").split("\n")
    kept = []
    for line in lines:
        if not line.startswith("#"):
            break
        kept.append(line.rstrip())
    pairs = cast("Pairs", root).pairs
    begins = sorted(key.mark.line for key, _ in pairs)
    if any(key.mark.column != 1 for key, _ in pairs):
        raise _BeyondTheFormError
    for key, _ in pairs:
        if key.value in _KEPT_KEYS:
            end = next((one for one in begins if one > key.mark.line), len(lines) + 1)
            own = [line.rstrip() for line in lines[key.mark.line - 1 : end - 1]]
            kept += [line for line in own if line and not line.startswith("#")]
    return "\n".join(kept)


def _keys(node: Pairs) -> dict[str, Node]:
    return {key.value: value for key, value in node.pairs}


def _mapping(node: Node | None, known: tuple[str, ...]) -> dict[str, Node]:
    if not isinstance(node, Pairs) or not {key.value for key, _ in node.pairs} <= set(known):
        raise _BeyondTheFormError
    return _keys(node)


def _items(node: Node | None) -> list[Node]:
    if node is None or (isinstance(node, Scalar) and node.empty):
        return []
    if not isinstance(node, Items):
        raise _BeyondTheFormError
    return list(node.items)


def _text(node: Node | None) -> str:
    if node is None:
        return ""
    if not isinstance(node, Scalar):
        raise _BeyondTheFormError
    return "" if node.empty else node.value.strip()


def _texts(node: Node | None) -> tuple[str, ...]:
    return tuple(_text(one) for one in _items(node))


# ------------------------------------------------------------------------------------------------------- places


def mark_of(text: str, *keys: str | int) -> Mark:
    """Where something of the file's one drill stands; the beginning of the file where it is not there."""
    found = {where: node.mark for where, node in _nodes(text)}
    return found.get(("drills", 0, *keys), Mark())


def place_of(text: str, line: int, column: int) -> Place:
    """What stands at a place of the text: keys from the drill on (``zh``, ``chat``), or from the file (``criterion``)."""
    best: tuple[tuple[str | int, ...], Node] | None = None
    for keys, node in _nodes(text):
        if (node.mark.line, node.mark.column) <= (line, column):
            best = keys, node
    if best is None:
        return Place((), None)
    keys, node = best
    inside = line - node.mark.line if isinstance(node, Scalar) and node.style == "|" and line > node.mark.line else None
    return Place(keys[2:] if keys[:1] == ("drills",) else keys, inside)


def _nodes(text: str) -> list[tuple[tuple[str | int, ...], Node]]:
    root = compose("", text, Report())
    return [] if root is None else sorted(_below((), root), key=lambda one: (one[1].mark, len(one[0])))


def _below(keys: tuple[str | int, ...], node: Node) -> Iterator[tuple[tuple[str | int, ...], Node]]:
    yield keys, node
    if isinstance(node, Pairs):
        for key, value in node.pairs:
            yield from _below((*keys, key.value), value)
    elif isinstance(node, Items):
        for number, value in enumerate(node.items):
            yield from _below((*keys, number), value)
