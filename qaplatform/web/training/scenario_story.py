"""A scenario as a person reads it: conditions as sentences, ways of saying things with one filling of their slots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qaplatform.exam.act_words import about_word, act_word, sign_word
from qaplatform.exam.dialogue import Done
from qaplatform.exam.scenario import Moment, Question, Reaction, Says, Scenario, When, several
from qaplatform.exam.wording import filled
from qaplatform.web.i18n import LazyText, _, language, lazy

KINDS: Mapping[str, LazyText] = {
    "silence": lazy("沉默"),
    "second_question": lazy("第二个问题"),
    "photo": lazy("发图片"),
    "threat": lazy("放狠话"),
}
LEVELS: Mapping[str, LazyText] = {"easy": lazy("容易"), "medium": lazy("中等"), "hard": lazy("难")}
ORIGINS: Mapping[str, LazyText] = {
    "shipped": lazy("随平台提供"),
    "changed": lazy("随平台提供，已修改"),
    "own": lazy("自建"),
}
STATES: Mapping[str, LazyText] = {"standing": lazy("使用中"), "withdrawn": lazy("已撤下"), "unborn": lazy("未发布")}
TEXT_STATES: Mapping[str, LazyText] = {"draft": lazy("草稿"), "published": lazy("发布"), "withdrawn": lazy("撤下")}
LANGUAGES: Mapping[str, LazyText] = {"zh": lazy("中文"), "en": lazy("英文")}
ENDINGS: Mapping[str, LazyText] = {
    "solved": lazy("办成了"),
    "left": lazy("客户走了"),
    "time_out": lazy("到时间了"),
    "stopped": lazy("客服结束了对话"),
}
VERDICTS: Mapping[str, LazyText] = {"passed": lazy("通过"), "failed": lazy("未通过"), "unscored": lazy("未评分")}
ITEMS: Mapping[str, LazyText] = {"goal": lazy("目标"), "required": lazy("应做"), "forbidden": lazy("不可")}


@dataclass(frozen=True, slots=True)
class ReactionTold:
    """A reaction: what is heard, what follows."""

    heard: Sequence[str]
    says: Sequence[Sequence[str]]
    mood: int
    goto: str | None
    asks: str | None
    once: bool


@dataclass(frozen=True, slots=True)
class Story:
    """What the page says of a scenario."""

    scenario: Scenario
    slots: Mapping[str, str]
    opening: Sequence[Sequence[str]]
    questions: Sequence[tuple[Question, Sequence[Sequence[str]], Sequence[str]]]
    facts: Sequence[tuple[str, Sequence[str], Sequence[Sequence[str]], int]]
    """(id, what must be asked for, ways of telling it, the mood it needs)."""
    steps: Sequence[tuple[str, bool, Sequence[ReactionTold]]]
    anywhere: Sequence[ReactionTold]
    interruptions: Sequence[tuple[LazyText, Sequence[str], Sequence[Sequence[str]], int]]
    task: Sequence[tuple[str, str, str, str]] = field(default_factory=tuple)
    """(kind, title, what it asks for, points)."""


def story_of(scenario: Scenario) -> Story:
    """Read it out."""
    slots = scenario.variants[0] if scenario.variants else {}

    def ways(says: Says) -> list[list[str]]:
        return [[filled(text, slots) for text in several(way)] for way in says]

    def reactions(given: Sequence[Reaction]) -> list[ReactionTold]:
        return [
            ReactionTold(
                [when_told(when, scenario) for when in one.when], ways(one.says), one.mood, one.goto, one.asks, one.once
            )
            for one in given
        ]

    def named(id: str) -> str:
        return about_word(id, language())

    return Story(
        scenario=scenario,
        slots=slots,
        opening=ways(scenario.opening),
        questions=[
            (one, ways(one.says), [when_told(when, scenario) for when in one.answered_by]) for one in scenario.questions
        ],
        facts=[
            (one.id, [named(about) for about in one.asked_by or (one.id,)], ways(one.says), one.mood_at_least)
            for one in scenario.facts
        ],
        steps=[(one.id, one.settled, reactions(one.reactions)) for one in scenario.steps],
        anywhere=reactions(scenario.anywhere),
        interruptions=[
            (KINDS[one.kind], [when_told(when, scenario) for when in one.when], ways(one.says), one.silent_seconds)
            for one in scenario.interruptions
        ],
        task=list(_task(scenario)),
    )


def when_told(when: When, scenario: Scenario) -> str:
    """A condition as words."""
    parts = [*_act_told(when)]
    if when.sign:
        parts.append(_("出现：%(signs)s", signs=_("、").join(sign_word(one, language()) for one in several(when.sign))))
    facts = {one.id: about_word((one.asked_by or (one.id,))[0], language()) for one in scenario.facts}
    if when.told:
        parts.append(_("已说过：%(what)s", what=_("、").join(facts.get(one, one) for one in several(when.told))))
    if when.not_told:
        parts.append(_("还没说过：%(what)s", what=_("、").join(facts.get(one, one) for one in several(when.not_told))))
    if when.done:
        parts.append(_("走过：%(steps)s", steps=_("、").join(several(when.done))))
    return _("，并且").join([*parts, *_limits_told(when)]) or _("任何回复")


def _limits_told(when: When) -> list[str]:
    told = []
    if when.mood_at_least is not None:
        told.append(_("心情至少 %(mood)s", mood=when.mood_at_least))
    if when.mood_at_most is not None:
        told.append(_("心情最多 %(mood)s", mood=when.mood_at_most))
    if when.replies_at_least is not None:
        told.append(_("至少回复了 %(count)s 次", count=when.replies_at_least))
    return told


def _act_told(when: When) -> list[str]:
    if not (when.act or when.about or when.due is not None):
        return []
    said = _("或").join([act_word(one, language()) for one in several(when.act)] or [_("提到")])
    if when.about:
        said += _in_brackets(_("、").join(about_word(one, language()) for one in several(when.about)))
    if when.due is not None:
        said += _("，带时间") if when.due else _("，没有时间")
    return [said]


def done_told(done: Done) -> str:
    """An act that was read in a reply."""
    said = act_word(done.act, language())
    if done.about:
        said += _in_brackets(about_word(done.about, language()))
    return said + (_("，带时间") if done.due else "")


def _task(scenario: Scenario) -> Sequence[tuple[str, str, str, str]]:
    words = language()
    return [
        *(("goal", one.title.in_language(words), _before(one.before), f"{one.points:g}") for one in scenario.goals),
        *(
            ("required", one.title.in_language(words), _before(one.before), f"{one.points:g}")
            for one in scenario.required
        ),
        *(
            (
                "forbidden",
                one.title.in_language(words),
                _("出现即不通过") if one.fails else _before(one.before),
                f"−{one.costs:g}",
            )
            for one in scenario.forbidden
        ),
    ]


def _before(moment: Moment | None) -> str:
    if moment is None:
        return ""
    named = [act_word(one, language()) for one in several(moment.act)]
    named += [about_word(one, language()) for one in (*several(moment.about), *((moment.fact,) if moment.fact else ()))]
    named += [moment.step] if moment.step else []
    return _("要在“%(what)s”之前，晚了算一半", what=_("、").join(named))


def _in_brackets(words: str) -> str:
    return f"（{words}）" if language() == "zh" else f" ({words})"
