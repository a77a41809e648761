"""Which fields a criterion, a word list, a section and a rubric have in forms.

Nothing is written here for a single check: its parameters come from the catalogue of checks, with their types, defaults
and what their authors say of them.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import msgspec
from msgspec import inspect as types

from qaplatform.audit.checking import checks
from qaplatform.resources import shipped_prompts
from qaplatform.services.yaml_edits import Path

Kind = Literal["text", "area", "number", "flag", "choice", "list", "map", "day"]
_LANGUAGES = ("zh", "en")
_GATES = ("queue", "channel", "topic", "tags", "tier", "language")


@dataclass(frozen=True)
class FieldSpec:
    """A field, by its place below what the form is of."""

    path: Path
    kind: Kind
    default: str = ""
    """What holds where nothing is written, as it would be written in the form."""
    options: tuple[str, ...] = ()
    doc: str = ""
    """What the author of a check says of a parameter."""


def rubric_fields() -> list[FieldSpec]:
    """Of a whole rubric."""
    return [
        *_words("title"),
        FieldSpec(("version",), "text"),
        FieldSpec(("pass_mark",), "number", "80"),
        FieldSpec(("scored_share_floor",), "number", "0.5"),
        FieldSpec(("forbids_llm",), "flag", "false"),
        *(FieldSpec(("applies", name), "list") for name in ("channel", "queue", "topic", "tags")),
    ]


def section_fields() -> list[FieldSpec]:
    """Of a section."""
    return list(_words("title"))


def group_fields() -> list[FieldSpec]:
    """Of a word list."""
    return [
        *_words("title"),
        FieldSpec(("who",), "choice", "any", ("agent", "customer", "any")),
        *(FieldSpec((name,), "list") for name in ("phrases", "patterns", "unless", "hits", "misses")),
        *(FieldSpec((name,), "flag", "false") for name in ("homophones", "asked", "quoting_exempt")),
    ]


def criterion_fields(
    check: str | None, options: int, *, has_hint: bool = False, is_question: bool = False
) -> list[FieldSpec]:
    """Of a criterion that is judged by a check, or by people or a language model (``None``), with so many options.

    Only what a check judges can be a hint; where the YAML says so elsewhere (``has_hint``), the mistake needs its field.
    """
    spec = checks().get(check) if check else None
    return [
        *_words("title"),
        *(FieldSpec((name,), "number") for name in ("weight", "deduction", "max_deduction")),
        FieldSpec(("severity",), "choice", "major", ("minor", "major", "severe")),
        *(_question_fields() if is_question else [FieldSpec(("critical",), "flag", "false")]),
        *([FieldSpec(("hint",), "flag", "false")] if check or has_hint else ()),
        *_words("policy", "area"),
        *_words("better", "area"),
        *(
            FieldSpec(("wording", tongue, code), "text")
            for code in (spec.codes if spec else ())
            for tongue in _LANGUAGES
        ),
        *(
            one
            for place in range(options)
            for one in (*_words("title", above=("options", place)), FieldSpec(("options", place, "points"), "number"))
        ),
        *(param_fields(spec.params) if spec else ()),
        *(FieldSpec(("when", name), "list") for name in _GATES),
        FieldSpec(("when", "min_order_value"), "number"),
        *(FieldSpec(("effective", name), "day") for name in ("from", "until")),
    ]


def _question_fields() -> list[FieldSpec]:
    """What is asked of a language model; a question cannot be critical."""
    return [
        FieldSpec(("question", "prompt"), "choice", "", shipped_prompts()),
        FieldSpec(("question", "good"), "choice", "yes", ("yes", "no")),
        FieldSpec(("question", "evidence"), "choice", "required", ("required", "optional", "none")),
    ]


def _words(name: str, kind: Kind = "text", above: Path = ()) -> Iterator[FieldSpec]:
    for tongue in _LANGUAGES:
        yield FieldSpec((*above, name, tongue), kind)


@lru_cache(maxsize=64)
def param_fields(params: type[msgspec.Struct]) -> tuple[FieldSpec, ...]:
    """Of a check's parameters; those that no field can hold are left to the YAML."""
    docs, out = _docs(params), []
    for one in msgspec.structs.fields(params):
        kind, options = _kind(types.type_info(one.type))
        if kind is not None:
            default = one.default if one.default is not msgspec.NODEFAULT else None
            if one.default_factory is not msgspec.NODEFAULT:
                default = one.default_factory()
            path = ("params", one.encode_name)
            out.append(FieldSpec(path, kind, written(default), options, docs.get(one.name, "")))
    return tuple(out)


def _kind(info: types.Type) -> tuple[Kind | None, tuple[str, ...]]:
    if isinstance(info, types.Metadata):
        return _kind(info.type)
    if isinstance(info, types.UnionType):
        some = [one for one in info.types if not isinstance(one, types.NoneType)]
        return _kind(some[0]) if len(some) == 1 else (None, ())
    if isinstance(info, types.LiteralType):
        return "choice", tuple(map(str, info.values))
    if isinstance(info, types.CollectionType):
        return ("list" if isinstance(info.item_type, types.StrType) else None), ()
    if isinstance(info, types.DictType):
        plain = isinstance(info.value_type, (types.StrType, types.IntType, types.FloatType, types.BoolType))
        return ("map" if plain else None), ()
    plainest: tuple[tuple[type[types.Type], Kind], ...] = (
        (types.BoolType, "flag"), (types.IntType, "number"), (types.FloatType, "number"), (types.StrType, "text"),
        (types.DateType, "day"),
    )  # fmt: skip
    return next((name for kind, name in plainest if isinstance(info, kind)), None), ()


def written(value: Any) -> str:
    """A value as it stands in a form: lists a line each, mappings as ``key: value``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"{value:.15g}"
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {written(inner)}" for key, inner in value.items())
    if isinstance(value, (list, tuple, set, frozenset)):
        return "\n".join(map(written, value))
    return str(value)


def _docs(params: type[msgspec.Struct]) -> dict[str, str]:
    """What stands below each field in the source."""
    body = ast.parse(textwrap.dedent(inspect.getsource(params))).body[0]
    out, last = {}, None
    for one in body.body if isinstance(body, ast.ClassDef) else ():
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
            last = one.target.id
        elif last and isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant):
            out[last], last = " ".join(str(one.value.value).split()), None
    return out


def template(check: str | None, id: str, wording: Mapping[str, tuple[str, str]]) -> str:
    """A new criterion as YAML: judged by a check, or by people (``None``)."""
    about = "kind: manual" if check is None else f"check: {check}"
    lines = [f"id: {id}", about, "title: {zh: 新质检项, en: New criterion}", "weight: 1", "severity: minor"]
    if wording:
        quoted = {code: tuple(msgspec.json.encode(one).decode() for one in said) for code, said in wording.items()}
        lines.append("wording:")
        for place, tongue in enumerate(_LANGUAGES):
            lines.append(f"  {tongue}:")
            lines += [f"    {code}: {said[place]}" for code, said in quoted.items()]
    return "\n".join(lines)
