"""A mapping in YAML → a frozen parameter struct, each mistake at the field's own place.

Scalars are read as the field's type wants them. Numbers in fields whose names carry a unit of time or length
must be above 0, ``_ratio`` fields from 0 to 1, unless the field states bounds of its own.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from qaplatform.audit.saying import Saying, either, said_in, say
from qaplatform.audit.yaml_source import Items, Node, Pairs, Scalar, describe, did_you_mean
from qaplatform.audit.yaml_values import Values

Struct = TypeVar("Struct", bound=msgspec.Struct)

_POSITIVE = ("_seconds", "_minutes", "_hours", "_days", "_chars", "_messages", "_turns", "_words")
_STEP = re.compile(r"\.([^.\[\]`]+)|\[(\d+)\]")
_INTEGER = re.compile(r"[-+]?[0-9]{1,15}\Z")
_NUMBER = re.compile(r"[-+]?[0-9]{1,15}(?:\.[0-9]{0,15})?\Z")


class _WrongError(Exception):
    """A node is not what its place wants."""

    def __init__(self, node: Node, wanted: Saying) -> None:
        super().__init__(wanted)
        self.node, self.wanted = node, wanted


def read_struct(values: Values, node: Node | None, kind: type[Struct], what: str) -> Struct | None:
    """The struct a mapping describes, defaults filled in; ``None`` where mistakes were reported.

    ``node`` may be missing when every field has a default; the caller says so otherwise.
    """
    pairs = {key.value: (key, value) for key, value in values.entries(node, what)}
    if node is not None and not isinstance(node, Pairs):
        return None
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    given: dict[str, Any] = {}
    good = True
    for name, (key, value) in pairs.items():
        if name not in fields:
            values.report.error(
                key, say("unknown key {name!r} in {what}{near}", name=name, what=what, near=did_you_mean(name, fields))
            )
            good = False
            continue
        try:
            given[fields[name].name] = _field(value, fields[name].type, name)
        except _WrongError as wrong:
            values.report.error(wrong.node, say("{name} {wanted}", name=name, wanted=wrong.wanted))
            good = False
    missing = [name for name, field in fields.items() if field.required and name not in pairs]
    if missing and node is not None:
        values.report.error(node, say("{what} needs {names!r}", what=what, names=tuple(missing)))
    if missing or not good:
        return None
    try:
        return kind(**given)
    except (ValueError, TypeError) as error:
        if node is not None:
            values.report.error(node, say("{what}: {reason}", what=what, reason=said_in(error)))
        return None


_type_info = lru_cache(maxsize=None)(inspect.type_info)


def _field(node: Node, kind: Any, name: str) -> Any:
    """One field's value, in its type and within its bounds."""
    value = _plain(node, _type_info(kind), name)
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        reason = message[:1].lower() + message[1:]
        raise _WrongError(_at(node, path), say("is wrong: {reason}", reason=reason)) from error


def _at(node: Node, path: str) -> Node:
    """The node a path such as ``.limits[2]`` leads to, as far as it can be followed."""
    for key, index in _STEP.findall(path):
        if index and isinstance(node, Items):
            node = node.items[int(index)]
        elif key and isinstance(node, Pairs):
            node = next((value for name, value in node.pairs if name.value == key), node)
        else:
            break
    return node


def _plain(node: Node, info: inspect.Type, name: str) -> Any:
    """A node as the plain value that ``msgspec.convert`` takes for a type."""
    if isinstance(info, inspect.Metadata):
        return _plain(node, info.type, name)
    if isinstance(info, inspect.UnionType):
        return _union(node, info, name)
    if isinstance(info, (inspect.CollectionType, inspect.TupleType)):
        return _list(node, info, name)
    if isinstance(info, inspect.DictType):
        pairs = _pairs(node)
        return {_plain(key, info.key_type, name): _plain(value, info.value_type, name) for key, value in pairs}
    if isinstance(info, inspect.StructType):
        return _inner_struct(node, info)
    if not isinstance(node, Scalar):
        raise _WrongError(node, say("must be {kind}, not {found}", kind=_called(info), found=describe(node)))
    return _scalar(node, info, name)


def _list(node: Node, info: inspect.CollectionType | inspect.TupleType, name: str) -> list[Any]:
    if not isinstance(node, Items):
        raise _WrongError(node, say("must be a list, not {found}", found=describe(node)))
    if isinstance(info, inspect.CollectionType):
        return [_plain(item, info.item_type, name) for item in node.items]
    if len(node.items) != len(info.item_types):
        raise _WrongError(
            node,
            say("must be a list of {wanted} items, not of {given}", wanted=len(info.item_types), given=len(node.items)),
        )
    return [_plain(item, inner, name) for item, inner in zip(node.items, info.item_types, strict=True)]


def _pairs(node: Node) -> tuple[tuple[Scalar, Node], ...]:
    if not isinstance(node, Pairs):
        raise _WrongError(node, say("must be a mapping, not {found}", found=describe(node)))
    return node.pairs


def _inner_struct(node: Node, info: inspect.StructType) -> dict[str, Any]:
    pairs = _pairs(node)
    fields = {field.encode_name: field for field in info.fields}
    for key, _ in pairs:
        if key.value not in fields:
            raise _WrongError(
                key, say("has no key {name!r}{near}", name=key.value, near=did_you_mean(key.value, fields))
            )
    return {key.value: _plain(value, fields[key.value].type, key.value) for key, value in pairs}


def _union(node: Node, info: inspect.UnionType, name: str) -> Any:
    kinds = [kind for kind in info.types if not isinstance(kind, inspect.NoneType)]
    if isinstance(node, Scalar) and node.empty and len(kinds) < len(info.types):
        return None
    first: _WrongError | None = None
    for kind in sorted(kinds, key=lambda kind: isinstance(kind, inspect.StrType)):
        try:
            return _plain(node, kind, name)
        except _WrongError as wrong:
            first = first or wrong
    if len(kinds) == 1 and first is not None:
        raise first
    raise _WrongError(
        node, say("must be {kind}, not {found}", kind=either(tuple(map(_called, kinds))), found=describe(node))
    )


def _called(info: inspect.Type) -> Saying:
    """A type in the words of a message."""
    if isinstance(info, (inspect.LiteralType, inspect.EnumType)):
        return say("{names}", names=tuple(map(str, _options(info))))
    if isinstance(info, (inspect.CollectionType, inspect.TupleType)):
        return say("a list")
    names = {
        inspect.BoolType: say("true or false"),
        inspect.IntType: say("a whole number"),
        inspect.FloatType: say("a number"),
        inspect.StrType: say("a text"),
        inspect.DateType: say("a day such as 2026-11-11"),
    }
    return names.get(type(info)) or say("{name}", name=type(info).__name__.removesuffix("Type").lower())


def _options(info: inspect.LiteralType | inspect.EnumType) -> tuple[Any, ...]:
    if isinstance(info, inspect.LiteralType):
        return tuple(info.values)
    return tuple(member.value for member in info.cls)


def _scalar(node: Scalar, info: inspect.Type, name: str) -> Any:
    wrong = _WrongError(node, say("must be {kind}, not {found}", kind=_called(info), found=describe(node)))
    if isinstance(info, (inspect.LiteralType, inspect.EnumType)):
        by_text = {str(option): option for option in _options(info)}
        if node.value not in by_text:
            raise _WrongError(node, say("{wanted}{near}", wanted=wrong.wanted, near=did_you_mean(node.value, by_text)))
        return by_text[node.value]
    if isinstance(info, inspect.BoolType):
        if not node.plain or node.value not in ("true", "false"):
            raise wrong
        return node.value == "true"
    if isinstance(info, (inspect.IntType, inspect.FloatType)):
        return _number(node, info, name)
    if isinstance(info, (inspect.StrType, inspect.DateType, inspect.DateTimeType, inspect.TimeType)):
        if node.empty:
            raise wrong
        return node.value
    raise TypeError(f"parameters of type {info} cannot be read from YAML (field {name!r})")


def _number(node: Scalar, info: inspect.IntType | inspect.FloatType, name: str) -> int | float:
    whole = isinstance(info, inspect.IntType)
    if not node.plain or not (_INTEGER if whole else _NUMBER).match(node.value):
        raise _WrongError(node, say("must be {kind}, not {found}", kind=_called(info), found=describe(node)))
    value = int(node.value) if whole else float(node.value)
    if all(bound is None for bound in (info.gt, info.ge, info.lt, info.le)):
        if name.endswith(_POSITIVE) and value <= 0:
            raise _WrongError(node, say("must be above 0, not {value}", value=node.value))
        if name.endswith("_ratio") and not 0 <= value <= 1:
            raise _WrongError(node, say("must be from 0 to 1, not {value}", value=node.value))
    return value
