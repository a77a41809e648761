"""Playing a scenario in the terminal: the scripted customer writes, whoever plays answers, the result stands at the end."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

import click

from qaplatform.resources import file_text

if TYPE_CHECKING:
    from qaplatform.exam.customer import Customer
    from qaplatform.exam.dialogue import Line
    from qaplatform.exam.result import Result
    from qaplatform.exam.scenario import Reference, Scenario
    from qaplatform.exam.turns import Turn
    from qaplatform.formats.writing import Language

_TYPING_CHARS_PER_SECOND = 3.0
_LOOKS_SECONDS = 4
"""Reading what the customer wrote, before one begins to type."""
_PASSES = re.compile(r"\+\s*([0-9]{1,4})\s*(.*)", re.DOTALL)
_WORDS: dict[Language, Mapping[str, str]] = {
    "zh": {
        "help": "直接写回复并回车；+30 让 30 秒过去；+30 回复 是 30 秒后发出；/panel 看右侧资料；/end 结束对话。",
        "mood": "心情", "you": "客服", "ended": "对话结束", "service": "服务分", "task": "任务分", "order": "订单", "logistics": "物流",
        "policy": "规则", "goal": "目标", "required": "应做", "forbidden": "不可", "late": "晚了，一半", "better": "更好的说法",
        "deductions": "扣分", "unread": "没读懂的回复，交带教看", "passed": "通过", "failed": "未通过", "unscored": "未评分",
        "solved": "办成了", "left": "客户走了", "time_out": "到时间了", "stopped": "您结束了对话", "critical": "一票否决",
    },
    "en": {
        "help": "Write a reply, press Enter; +30 lets 30 seconds pass; +30 TEXT sends after 30; /panel: side panel; /end: end.",
        "mood": "mood", "you": "agent", "ended": "The dialogue ended", "service": "Service score", "task": "Task score",
        "order": "Order", "logistics": "Logistics", "policy": "Policy", "goal": "goal", "required": "required",
        "forbidden": "forbidden", "late": "late, half", "better": "better", "deductions": "Deductions",
        "unread": "Replies nobody could read, for the mentor", "passed": "passed", "failed": "failed", "unscored": "unscored",
        "solved": "solved", "left": "the customer left", "time_out": "time is up", "stopped": "you ended it", "critical": "critical",
    },
}  # fmt: skip


class Play:
    """One dialogue in the terminal."""

    def __init__(self, customer: Customer, language: Language, *, shows_mood: bool, real_time: bool) -> None:
        self._customer, self._words, self._language = customer, _WORDS[language], language
        self._shows_mood, self._real_time = shows_mood, real_time
        self._shown = 0

    def by_hand(self) -> Turn:
        """Play with whoever sits there, until the end of the dialogue or of what they have to say."""
        from qaplatform.exam.turns import Move, begun, moved_on, stopped

        click.echo(self._words["help"])
        turn = self._show(begun(self._customer))
        while turn.state.ended is None:
            asked_at = time.monotonic()
            written = self._written()
            if written is None or written == "/end":
                turn = self._show(stopped(self._customer, turn))
                break
            if written == "/panel":
                self.panel()
                continue
            passes = _PASSES.fullmatch(written)
            text = passes[2].strip() if passes else written
            if passes:
                seconds = int(passes[1])
            elif self._real_time:
                seconds = round(time.monotonic() - asked_at)
            else:
                seconds = _LOOKS_SECONDS + round(len(text) / _TYPING_CHARS_PER_SECOND)
            if text or passes:
                turn = self._show(moved_on(self._customer, turn, Move(seconds, text)))
                if not text and turn.state.ended is None:
                    click.echo(f"… {_clock(turn.at_seconds)}")
        return turn

    def by_reference(self, reference: Reference) -> Turn:
        """Play a reference dialogue."""
        from qaplatform.exam.playing import reference_played
        from qaplatform.exam.turns import Turn

        state = reference_played(self._customer, reference)
        return self._show(Turn(state, state.ended_at_seconds or 0))

    def panel(self) -> None:
        """What the candidate may look up."""
        from qaplatform.exam.wording import filled, variant

        scenario = self._customer.scenario
        slots = variant(scenario, self._customer.seed)
        for part in ("order", "logistics", "policy"):
            for entry in getattr(scenario.panel, part):
                title = entry.title.in_language(self._language)
                click.echo(f"  [{self._words[part]}] {title}: {filled(entry.text, slots)}")

    def result(self, result: Result) -> None:
        """Both scores, what the task counted, and every deduction with a better way to say it."""
        words, language = self._words, self._language
        service = "—" if result.service.score is None else f"{result.service.score:g}"
        click.echo(
            f"\n{words['ended']} · {words[result.ended]} · {_clock(result.seconds)}\n{words[result.verdict]} · "
            f"{words['service']} {service} · {words['task']} {result.task.score:g}"
        )
        for item in result.task.items:
            points = f"{item.points:g}/{item.max_points:g}" if item.max_points else f"{item.points:g}"
            late = f" ({words['late']})" if item.late else ""
            title = item.title.in_language(language)
            click.echo(f"  {'✓' if item.met else '✗'} {words[item.kind]} · {title} {points}{late}")
        if result.deductions:
            click.echo(words["deductions"])
        said: set[str] = set()
        for one in result.deductions:
            # What a criterion costs, and how it is better said, stands once, however many places it has.
            is_first = one.criterion not in said
            said.add(one.criterion)
            grave = f" [{words['critical']}]" if one.critical else ""
            points = f"-{one.points:g}" if is_first else "  "
            click.echo(
                f"  {points} {one.title.in_language(language)}{grave} #{one.finding.message + 1}: {one.finding.quote}"
            )
            if one.better is not None and is_first:
                click.echo(f"      {words['better']}: {one.better.in_language(language)}")
        if result.unread:
            texts = "; ".join(result.conversation.messages[number].text for number in result.unread)
            click.echo(f"{words['unread']}: {texts}")

    def _written(self) -> str | None:
        """What was written; ``None`` at the end of the input."""
        try:
            return str(click.prompt(">", prompt_suffix=" ", default="", show_default=False)).strip()
        except click.Abort:
            return None

    def _show(self, turn: Turn) -> Turn:
        """Show the lines that are new."""
        before = turn.state.lines[self._shown - 1].at_seconds if self._shown else 0
        for line in turn.state.lines[self._shown :]:
            if self._real_time and line.by == "customer":
                time.sleep(max(0, line.at_seconds - before))
            before = max(before, line.at_seconds)
            click.echo(self._line(line))
        self._shown = len(turn.state.lines)
        return turn

    def _line(self, line: Line) -> str:
        who = self._customer.scenario.persona.name if line.by == "customer" else self._words["you"]
        mood = f" ({self._words['mood']} {line.mood})" if self._shows_mood and line.by == "customer" else ""
        return f"{_clock(line.at_seconds)} {who}{mood}: {line.text}"


def scenario_named(name: str) -> Scenario:
    """A scenario that ships, by its id, or one in a file of one's own.

    Raises:
        ScenarioError: the file has mistakes.
        InputError: there is none.
    """
    from pathlib import Path

    from qaplatform.errors import InputError
    from qaplatform.exam.scenario_loading import (
        ScenarioError,
        check_scenarios,
        folder_files,
        shipped_scenarios,
        shipped_voices,
    )

    path = Path(name)
    if not path.is_file():
        found = shipped_scenarios().get(name)
        if found is None:
            known = ", ".join(shipped_scenarios())
            raise InputError("there is no such scenario", file=name, way_out=f"name a file, or one of {known}")
        return found
    folder = {one: text for one, text in folder_files(path.parent).items() if Path(one).parent.name == "voices"}
    own = {Path(one).name for one in folder}
    shipped = {one: text for one, text in shipped_voices().items() if Path(one).name not in own}
    scenarios, problems = check_scenarios({**shipped, **folder, path.as_posix(): file_text(path)})
    if path.stem not in scenarios:
        raise ScenarioError(problems)
    return scenarios[path.stem]


def play(
    scenario: Scenario,
    make: Callable[[int], Customer],
    language: Language,
    *,
    seed: int | None,
    reference: Literal["good", "bad"] | None,
    shows_mood: bool,
    real_time: bool,
) -> None:
    """Play it and show the result; ``make`` gives the customer of a seed."""
    from qaplatform.errors import InputError
    from qaplatform.exam.result import result_of

    chosen = getattr(scenario.references, reference) if reference and scenario.references else None
    if reference and chosen is None:
        raise InputError("the scenario has no reference dialogues", file=scenario.id, way_out="write them: references")
    customer = make(seed if seed is not None else chosen.seed if chosen else 1)
    one = Play(customer, language, shows_mood=shows_mood, real_time=real_time and chosen is None)
    click.echo(f"{scenario.title.in_language(language)} · {scenario.summary.in_language(language)}")
    turn = one.by_reference(chosen) if chosen else one.by_hand()
    one.result(result_of(scenario, turn.state, customer.auditor))


def _clock(seconds: int) -> str:
    return f"{seconds // 60:02d}:{seconds % 60:02d}"
