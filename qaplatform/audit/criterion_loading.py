"""One criterion of a rubric file → a frozen criterion."""

from __future__ import annotations

import string
from collections.abc import Collection, Iterator, Mapping
from typing import cast

import msgspec

from qaplatform.audit.example_loading import read_example
from qaplatform.audit.phrases import PhraseGroup, Words
from qaplatform.audit.problem import Report
from qaplatform.audit.rubric import (
    Applies,
    CheckLike,
    Criterion,
    CriterionKind,
    Effective,
    Example,
    Gate,
    Option,
    Question,
    Severity,
)
from qaplatform.audit.saying import either, say
from qaplatform.audit.yaml_source import Items, Node, Pairs, Scalar, did_you_mean
from qaplatform.audit.yaml_structs import read_struct
from qaplatform.audit.yaml_values import Fields, Values

_KEYS = (
    "id", "kind", "check", "title", "weight", "deduction", "max_deduction", "severity", "critical", "hint", "when",
    "effective", "params", "wording", "policy", "better", "options", "question", "examples",
)  # fmt: skip
_ONLY_FOR = {
    "check": ("check",), "params": ("check",), "hint": ("check",), "options": ("manual", "question"), "question": ("question",),
}  # fmt: skip
_KINDS = ("check", "question", "manual")
_LISTS = ("channel", "queue", "topic", "tags")


def applies_of(values: Values, node: Node | None) -> Applies:
    """Where a rubric applies."""
    fields = values.fields(node, "applies", _LISTS) if node is not None else None
    if fields is None:
        return Applies()
    return Applies(**{name: values.texts(fields.get(name), name) for name in _LISTS})


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, (tuple, list, frozenset)):
        for item in value:
            yield from _strings(item)


def _scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    for inner in node.items if isinstance(node, Items) else ():
        yield from _scalars(inner)
    for _, inner in node.pairs if isinstance(node, Pairs) else ():
        yield from _scalars(inner)


def check_groups(
    report: Report,
    params: msgspec.Struct,
    node: Node,
    groups: Mapping[str, PhraseGroup] | None,
    *,
    only_written: bool = False,
) -> None:
    """Report phrase groups that parameters name and no file defines (not at all where ``groups`` is ``None``).

    Fields whose names are or end in ``group`` or ``groups`` hold group ids. ``node`` is the written mapping, or
    where to point.
    """
    written = {key.value: value for key, value in node.pairs} if isinstance(node, Pairs) else {}
    for field in params.__struct_fields__ if groups is not None else ():
        if not (field in ("group", "groups") or field.endswith(("_group", "_groups"))):
            continue
        if only_written and field not in written:
            continue
        for name in _strings(getattr(params, field)):
            if groups is not None and name not in groups:
                place = written.get(field, node)
                here = next((scalar for scalar in _scalars(place) if scalar.value == name), place)
                report.error(
                    here,
                    say(
                        "{field} names {name!r}, which no phrase file defines{near}",
                        field=field,
                        name=name,
                        near=did_you_mean(name, groups),
                    ),
                )


class CriterionReader:
    """Reads criteria; ids must differ over all sections of a rubric."""

    def __init__(
        self,
        values: Values,
        checks: Mapping[str, CheckLike],
        groups: Mapping[str, PhraseGroup] | None,
        prompts: Collection[str] | None = None,
    ) -> None:
        self._values, self._report = values, values.report
        self._checks, self._groups, self._prompts = checks, groups, prompts
        self._seen: dict[str, Node] = {}

    def criterion(self, node: Node) -> Criterion | None:
        """One criterion, or ``None`` where it cannot even be named."""
        values = self._values
        fields = values.fields(node, say("a criterion"), _KEYS, ("id", "title"))
        if fields is None:
            return None
        id = values.id(fields.get("id"), "id")
        place = fields.place("id")
        if id in self._seen:
            self._report.error(place, say("criterion {id!r} is also at {mark}", id=id, mark=self._seen[id].mark))
        self._seen.setdefault(id, place)
        kind = cast("CriterionKind", values.choice(fields.get("kind"), "kind", _KINDS, "check"))
        for key, kinds in _ONLY_FOR.items():
            if key in fields and kind not in kinds:
                self._report.error(
                    fields.place(key),
                    say("{key!r} is only for kind {kinds}, not for {kind}", key=key, kinds=either(kinds), kind=kind),
                )
        check, params = self._check(fields, id) if kind == "check" else (None, None)
        spec = self._checks.get(check) if check else None
        options = self._options(fields, kind)
        weight, deduction, most = self._points(fields, options)
        criterion = Criterion(
            id=id,
            title=values.words(fields.get("title"), "title") or Words("", ""),
            kind=kind,
            check=check,
            params=params,
            weight=weight,
            deduction=deduction,
            max_deduction=most,
            severity=cast(
                "Severity", values.choice(fields.get("severity"), "severity", ("minor", "major", "severe"), "major")
            ),
            critical=values.flag(fields.get("critical"), "critical"),
            hint=values.flag(fields.get("hint"), "hint"),
            when=self._gate(fields.get("when")),
            effective=self._effective(fields.get("effective")),
            wording=self._wording(fields, spec),
            policy=values.words(fields.get("policy"), "policy"),
            better=values.words(fields.get("better"), "better"),
            options=options,
            question=self._question(fields, kind),
            examples=self._examples(fields, spec, place),
            mark=place.mark,
        )
        needs_points = not criterion.critical and not criterion.hint
        if kind == "question":
            self._check_power(fields, criterion)
        if needs_points and not {"weight", "deduction", "options"} & {k for k in _KEYS if k in fields}:
            self._report.error(
                place, say("criterion {id!r} needs a weight or a deduction (or 'critical: true')", id=id)
            )
        return criterion

    def _check_power(self, fields: Fields, criterion: Criterion) -> None:
        """What a language model may cost at most stands in the rubric; see :mod:`qaplatform.audit.graded`."""
        if criterion.critical:
            self._report.error(
                fields.place("critical"), say("a question cannot be critical; a language model fails no chat alone")
            )
        if criterion.deduction and "max_deduction" not in fields:
            self._report.error(fields.place("deduction"), say("the deduction of a question needs a max_deduction"))

    def _check(self, fields: Fields, id: str) -> tuple[str | None, msgspec.Struct | None]:
        name = self._values.text(fields.get("check"), "check", id)
        spec = self._checks.get(name)
        place = fields.place("check" if "check" in fields else "id")
        if spec is None:
            self._report.error(
                place, say("there is no check {name!r}{near}", name=name, near=did_you_mean(name, self._checks))
            )
            return name, None
        node = fields.get("params")
        missing = [field.name for field in msgspec.structs.fields(spec.params) if field.required]
        if node is None and missing:
            self._report.error(place, say("check {name!r} needs params: {names}", name=name, names=tuple(missing)))
            return name, None
        params = read_struct(self._values, node, spec.params, "params")
        if params is not None:
            check_groups(self._report, params, node if node is not None else place, self._groups)
        return name, params

    def _points(self, fields: Fields, options: tuple[Option, ...]) -> tuple[float, float, float | None]:
        """Weight, deduction and largest deduction."""
        values = self._values
        weight = values.number(fields.get("weight"), "weight", least=0)
        deduction = values.number(fields.get("deduction"), "deduction", least=0)
        most_node = fields.get("max_deduction")
        most = values.number(most_node, "max_deduction", least=0) if most_node is not None else None
        if weight and deduction > weight:
            message = say("a finding cannot cost more than the weight, {weight:g}", weight=weight)
            self._report.error(fields.place("deduction"), message)
        if most is not None and "deduction" not in fields:
            self._report.error(fields.place("max_deduction"), say("max_deduction needs a deduction"))
        elif most is not None and most < deduction:
            message = say("max_deduction must be at least the deduction, {deduction:g}", deduction=deduction)
            self._report.error(fields.place("max_deduction"), message)
        if options:
            best = max(option.points for option in options)
            if "deduction" in fields:
                self._report.error(fields.place("deduction"), say("options carry the points; no deduction beside them"))
            if "weight" in fields and weight != best:
                message = say("the weight must be the points of the best option, {best:g}", best=best)
                self._report.error(fields.place("weight"), message)
            weight = best
        return weight, deduction, most

    def _gate(self, node: Node | None) -> Gate:
        lists = (*_LISTS, "tier", "language")
        fields = self._values.fields(node, "when", (*lists, "min_order_value")) if node is not None else None
        if fields is None:
            return Gate()
        value = fields.get("min_order_value")
        return Gate(
            **{name: self._values.texts(fields.get(name), name) for name in lists},
            min_order_value=self._values.number(value, "min_order_value", least=0) if value is not None else None,
        )

    def _effective(self, node: Node | None) -> Effective:
        fields = self._values.fields(node, "effective", ("from", "until")) if node is not None else None
        if fields is None:
            return Effective()
        since, until = self._values.day(fields.get("from"), "from"), self._values.day(fields.get("until"), "until")
        if since and until and until <= since:
            message = say("until must lie after from (it is the first day no longer in force)")
            self._report.error(fields.place("until"), message)
        return Effective(since, until)

    def _wording(self, fields: Fields, spec: CheckLike | None) -> dict[str, Words]:
        """Code → words; written by language, each code → sentence."""
        found: dict[str, dict[str, str]] = {"zh": {}, "en": {}}
        for language, node in self._values.entries(fields.get("wording"), "wording"):
            if language.value not in found:
                self._report.error(
                    language, say("wording is by language, zh and en, not {name!r}", name=language.value)
                )
                continue
            for code, sentence in self._values.entries(node, say("wording in {language}", language=language.value)):
                if spec and spec.codes and code.value not in spec.codes:
                    near = did_you_mean(code.value, spec.codes) or say("; it has {names}", names=tuple(spec.codes))
                    self._report.error(
                        code, say("check {id!r} has no code {code!r}{near}", id=spec.id, code=code.value, near=near)
                    )
                text = self._values.text(sentence, say("the wording of {code!r}", code=code.value))
                self._check_sentence(sentence, text)
                found[language.value][code.value] = text
        codes = tuple(spec.codes) if spec else ()
        for language_name, sentences in found.items():
            lacking = [code for code in codes if code not in sentences]
            if lacking:
                place = fields.place("wording" if "wording" in fields else "id")
                self._report.warning(
                    place, say("no {language!r} wording for {names}", language=language_name, names=tuple(lacking))
                )
        every = dict.fromkeys((*codes, *found["zh"], *found["en"]))
        return {
            code: Words(found["zh"].get(code, ""), found["en"].get(code, ""))
            for code in every
            if code in found["zh"] or code in found["en"]
        }

    def _check_sentence(self, node: Node, text: str) -> None:
        """Only plain ``{name}`` places, so that filling in a sentence cannot fail or reach into objects."""
        try:
            names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
        except ValueError as error:
            self._report.error(node, say("braces in the wording do not pair: {reason}", reason=str(error)))
            return
        for name in names:
            if not name.isidentifier():
                self._report.error(node, say("{{{name}}} in the wording must be the name of a fact", name=name))

    def _options(self, fields: Fields, kind: str) -> tuple[Option, ...]:
        options: dict[str, Option] = {}
        items = self._values.items(fields.get("options"), "options")
        for item in items:
            inner = self._values.fields(item, say("an option"), ("id", "title", "points"), ("id", "title", "points"))
            if inner is None:
                continue
            option = Option(
                self._values.id(inner.get("id"), "id"),
                self._values.words(inner.get("title"), "title") or Words("", ""),
                self._values.number(inner.get("points"), "points", least=0),
            )
            if option.id in options:
                self._report.error(inner.place("id"), say("option {id!r} is given twice", id=option.id))
            options[option.id] = option
        if len(items) == 1:
            self._report.error(fields.place("options"), say("options must be at least two"))
        return tuple(options.values()) if kind != "check" else ()

    def _question(self, fields: Fields, kind: str) -> Question | None:
        node = fields.get("question")
        if node is None:
            if kind == "question":
                self._report.error(fields.place("id"), say("a criterion of kind question needs 'question'"))
            return None
        inner = self._values.fields(node, "question", ("prompt", "good", "evidence"), ("prompt",))
        if inner is None:
            return None
        prompt = self._values.id(inner.get("prompt"), "prompt")
        if prompt and self._prompts is not None and prompt not in self._prompts:
            near = did_you_mean(prompt, self._prompts) or say("; there are {names}", names=tuple(sorted(self._prompts)))
            self._report.error(
                inner.place("prompt"), say("there is no prompt {prompt!r}{near}", prompt=prompt, near=near)
            )
        evidence = self._values.choice(inner.get("evidence"), "evidence", ("required", "optional", "none"), "required")
        return Question(
            prompt=prompt,
            good=self._values.choice(inner.get("good"), "good", ("yes", "no"), "yes"),
            evidence=evidence,  # type: ignore[arg-type]
        )

    def _examples(self, fields: Fields, spec: CheckLike | None, place: Node) -> tuple[Example, ...]:
        codes = tuple(spec.codes) if spec else ()
        nodes = self._values.items(fields.get("examples"), "examples")
        read = [read_example(self._values, node, codes) for node in nodes]
        examples = tuple(example for example in read if example is not None)
        if spec is not None:
            for outcome in ("fail", "pass"):
                if not any(example.outcome == outcome for example in examples):
                    self._report.warning(place, say("no example with outcome {outcome}", outcome=outcome))
        return examples
