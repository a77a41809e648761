"""Learning paths in words: kinds of steps, how far they are, what is missing, why somebody needs help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Flask

from qaplatform.audit.phrases import Words
from qaplatform.services.training.board import Help
from qaplatform.services.training.progress import PersonProgress
from qaplatform.services.training.step_locks import StepLock
from qaplatform.training.paths import Done, Missing, Path, Step, StepProgress
from qaplatform.web.formatting import day, number, percent
from qaplatform.web.i18n import LazyText, _, language, lazy, plural

KINDS: Mapping[str, LazyText] = {
    "lesson": lazy("课程学习"),
    "theory_test": lazy("理论测验"),
    "drill": lazy("单句练习"),
    "mock_exam": lazy("模拟考核"),
    "accompanied_chats": lazy("陪练会话"),
    "case_review": lazy("案例复盘"),
    "mentor_talk": lazy("带教谈话"),
}
ICONS: Mapping[str, str] = {
    "lesson": "book-2",
    "theory_test": "file-text",
    "drill": "message",
    "mock_exam": "messages",
    "accompanied_chats": "users",
    "case_review": "eye",
    "mentor_talk": "user",
}
WAYS: Mapping[str, LazyText] = {
    "lesson": lazy("去读"),
    "theory_test": lazy("去测验"),
    "drill": lazy("去练习"),
    "mock_exam": lazy("去考核"),
    "accompanied_chats": lazy("看日志"),
}
"""What a button says that leads to where a step is done."""
_MOST_NAMED = 3
STATES: Mapping[str, LazyText] = {"done": lazy("已完成"), "open": lazy("进行中"), "locked": lazy("未开放")}
ENDED: Mapping[str, LazyText] = {"graduated": lazy("已结业"), "stopped": lazy("已停止")}
VERSIONS: Mapping[str, LazyText] = {
    "shipped": lazy("随平台提供"),
    "published": lazy("已发布"),
    "withdrawn": lazy("已撤下"),
    "draft": lazy("草稿"),
}


def set_up(app: Flask) -> None:
    """Give templates what paths are called."""
    app.jinja_env.globals.update(
        in_words=in_words,
        step_kinds=KINDS,
        step_icons=ICONS,
        step_ways=WAYS,
        step_states=STATES,
        enrolment_ends=ENDED,
        version_states=VERSIONS,
        step_asks=step_asks,
        step_title=step_title,
        step_so_far=step_so_far,
        missing_in_words=missing_in_words,
        help_in_words=help_in_words,
        how_long=how_long,
        first_in_words=first_in_words,
        listed=listed,
        locked_in_words=locked_in_words,
        names_of=names_of,
        path_names=path_names,
    )


def in_words(words: Words) -> str:
    """Words of a path in the reader's language."""
    return words.in_language(language())


def step_title(path: Path | None, id: str) -> str:
    """What a step of a path is called; its id where the path has it no more."""
    return next((in_words(one.title) for one in (path.steps if path else ()) if one.id == id), id)


def how_long(person: PersonProgress) -> str:
    """The first day on the path, and the number of today's working day."""
    first, number_of = day(person.enrolment.hired_on), person.progress.working_day if person.progress else 0
    if not number_of:
        return _("%(day)s 开始", day=first)
    return _("%(day)s 起，第 %(number)s 个工作日", day=first, number=number_of)


def step_asks(step: Step) -> str:
    """What a step asks for, shortly; empty where its title says it all."""
    times, kinds = number(step.times), number(step.scenario_kinds)
    many = {
        "drill": lambda: plural("答对 %(num)s 次", step.times),
        "case_review": lambda: plural("复盘 %(num)s 个案例", step.times),
        "mentor_talk": lambda: plural("谈 %(num)s 次", step.times) if step.times > 1 else "",
        "theory_test": lambda: _(
            "%(count)s 题，%(ratio)s 及格", count=number(step.draw), ratio=percent(step.pass_ratio)
        ),
        "mock_exam": lambda: (
            _("通过 %(times)s 个场景，至少 %(kinds)s 种类型", times=times, kinds=kinds)
            if step.scenario_kinds > 1
            else plural("通过 %(num)s 个场景", step.times)
        ),
        "accompanied_chats": lambda: _(
            "每天 %(chats)s 通，共 %(times)s 天", chats=number(step.chats_a_day), times=times
        ),
    }
    return many[step.kind]() if step.kind in many else ""


def step_so_far(one: StepProgress, done: Done | None) -> str:
    """How far somebody is with a step; empty where that is all or nothing."""
    if one.step.kind == "theory_test":
        best = done.best_ratio if done else None
        return "" if best is None else _("最好成绩 %(ratio)s", ratio=percent(best))
    if one.step.kind == "lesson" or one.step.times == 1:
        return ""
    done_of = f"{number(one.reached)} / {number(one.step.times)}"
    return _("%(done_of)s 天", done_of=done_of) if one.step.kind == "accompanied_chats" else done_of


def first_in_words(titles: Sequence[Words]) -> str:
    """What has to be done before a step opens, at most three by name."""
    names = [in_words(one) for one in titles]
    if len(names) > _MOST_NAMED:
        return _("先完成：%(names)s 等 %(count)s 步", names=listed(names[:2]), count=len(names))
    return _("先完成：%(names)s", names=listed(names))


def listed(names: Sequence[str]) -> str:
    """Titles one after the other; several in quotation marks, for there are commas in titles, too."""
    return names[0] if len(names) == 1 else _("、").join(_("“%(name)s”", name=one) for one in names)


def locked_in_words(lock: StepLock) -> str:
    """Why something cannot begin yet, and what can be done about it."""
    return _(
        "“%(step)s”还没有开放。%(first)s；想提前开始，请带教开放。",
        step=in_words(lock.title),
        first=first_in_words(lock.waits_for),
    )


def missing_in_words(one: Missing, path: Path) -> str:
    """What stands between somebody and graduating."""
    needed, have = number(one.needed), number(one.have)
    said = {
        "too_early": lambda: _("%(day)s 起才能结业", day=day(one.on)),
        "exams": lambda: _("模拟考核共需通过 %(needed)s 次，已通过 %(have)s 次", needed=needed, have=have),
        "exam_kinds": lambda: _("通过的场景至少要有 %(needed)s 种类型，现有 %(have)s 种", needed=needed, have=have),
        "criticals": lambda: plural("有 %(num)s 处一票否决没有处理", one.have),
        "mentor": lambda: _("带教还没有同意结业"),
    }
    if one.code in said:
        return said[one.code]()
    title = step_title(path, one.step)
    return f"{title} {have} / {needed}" if one.needed > 1 else title


def help_in_words(one: Help) -> str:
    """Why somebody needs help."""
    said = {
        "late": lambda: plural("%(num)s 步超期", one.count),
        "exam_failed": lambda: plural("考核连续 %(num)s 次未通过", one.count),
        "no_log": lambda: plural("%(num)s 个工作日没有日志", one.count),
        "waits_for_mentor": lambda: plural("%(num)s 件事等带教", one.count),
    }
    return said[one.code]()


def names_of(pairs: Sequence[tuple[int, str]]) -> list[tuple[str, str]]:
    """Ids with names, as choices of a filter."""
    return [(str(id), name) for id, name in pairs]


def path_names(pairs: Sequence[tuple[str, Words]]) -> list[tuple[str, str]]:
    """Paths, as choices of a filter."""
    return [(code, in_words(title)) for code, title in pairs]
