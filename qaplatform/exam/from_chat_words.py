"""The words of a draft made of a real chat (``packs/from_chat.yaml``), and the demands that follow from what went wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

import msgspec

from qaplatform.audit.phrases import Words
from qaplatform.audit.problem import Report
from qaplatform.audit.yaml_source import compose
from qaplatform.audit.yaml_structs import read_struct
from qaplatform.audit.yaml_values import Values
from qaplatform.exam.act_words import about_word
from qaplatform.resources import shipped_file

_MOST_FACT_GOALS = 3


class Demand(msgspec.Struct, frozen=True):
    """What a candidate must or must not do; ``rest`` is the rest of its line in YAML."""

    id: str
    title: Words
    rest: str


class DraftWords(msgspec.Struct, frozen=True):
    """All of it."""

    zh: Mapping[str, str]
    en: Mapping[str, str]
    required: Mapping[str, Demand]
    """By the check that failed."""
    forbidden: Mapping[str, Demand]
    kinds: Mapping[str, str] = {}
    """Kinds of scenarios by topic, its levels joined by ``/``."""
    same: Mapping[str, str] = {}
    always: tuple[str, ...] = ()

    def of(self, language: str) -> Mapping[str, str]:
        """The words of a language."""
        return self.en if language == "en" else self.zh


@lru_cache(maxsize=1)
def draft_words() -> DraftWords:
    """The words that ship."""
    report = Report()
    root = compose("from_chat.yaml", shipped_file("packs", "from_chat.yaml").read_text(encoding="utf-8"), report)
    words = read_struct(Values(report), root, DraftWords, "the words of drafts")
    if words is None:
        raise ValueError("\n".join(map(str, report.problems)))
    return words


def task_lines(facts: Sequence[str], failed: Collection[str], *, is_upset: bool) -> list[str]:
    """Goals, required and forbidden acts as lines of YAML: what went wrong in the chat counts here."""
    known = draft_words()

    def titled(word: str, about: str = "") -> str:
        zh, en = (known.of(one)[word].format(what=about_word(about, one)) for one in ("zh", "en"))
        return f'title: {{zh: "{zh}", en: "{en}"}}'

    lines = [
        "goals:",
        f"  - {{id: agreed, {titled('agreed')}, points: 35, step: agreed}}",
        f"  - {{id: answered, {titled('answered')}, points: 15, answered: what_now}}",
        f"  - {{id: calm, {titled('calm')}, points: 15, mood_at_least: 6}}",
    ]
    lines += [
        f"  - {{id: {fact}, {titled('fact', fact)}, points: 10, fact: {fact}, before: {{act: offers}}}}"
        for fact in facts[:_MOST_FACT_GOALS]
    ]
    wanted = {known.same.get(one, one) for one in failed} | set(known.always)
    wanted |= {"empathy_first"} if is_upset else set()
    for name, points, demands in (("required", "points: 15, ", known.required), ("forbidden", "", known.forbidden)):
        lines.append(f"{name}:")
        for check, one in demands.items():
            if check in wanted:
                title = f'title: {{zh: "{one.title.zh}", en: "{one.title.en}"}}'
                lines.append(f"  - {{id: {one.id}, {title}, {points}{one.rest}}}")
    return lines
