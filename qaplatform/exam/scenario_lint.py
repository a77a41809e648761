"""What a scenario's parts must be to one another: known words, ways that lead somewhere, goals that can be met."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import get_args

from qaplatform.audit.problem import Report
from qaplatform.audit.saying import say
from qaplatform.audit.yaml_source import Items, Node, Pairs, Scalar, did_you_mean
from qaplatform.audit.yaml_values import Fields
from qaplatform.exam.act_names import ABOUTS
from qaplatform.exam.scenario import (
    MOST_MOOD,
    ActName,
    Interruption,
    Moment,
    Reaction,
    Scenario,
    When,
    several,
)

_SLOT = re.compile(r"\{([a-z_]+)\}")
TODO = "TODO"
"""What texts begin with that are still to be written: a scenario with one can be tried, and is not finished."""
_ACTS = get_args(ActName)


def inside(node: Node, *path: str | int) -> Node:
    """The node that keys and numbers lead to, as far as they can be followed."""
    for step in path:
        if isinstance(step, int) and isinstance(node, Items) and step < len(node.items):
            node = node.items[step]
        elif isinstance(node, Pairs):
            node = next((value for key, value in node.pairs if key.value == step), node)
    return node


class Lint:
    """Looks a read scenario over."""

    def __init__(self, scenario: Scenario, fields: Fields, report: Report) -> None:
        self._scenario, self._root, self._report = scenario, fields.node, report
        self._steps = {one.id for one in scenario.steps}
        self._facts = {one.id for one in scenario.facts}
        self._questions = {one.id for one in scenario.questions}

    def look(self) -> None:
        """Report everything that is wrong."""
        if not self._scenario.steps:
            self._report.error(self._at("steps"), say("a scenario needs at least one step"))
            return
        self._names()
        for place, reactions in self._reactions():
            self._reactions_of(place, reactions)
        self._interruptions()
        self._facts_and_questions()
        self._reached()
        self._tasks()
        self._texts()
        self._references()
        if self._scenario.voice.language != self._scenario.language:
            voice = self._scenario.voice.language
            self._report.error(
                self._at("persona", "voice"),
                say("this voice speaks {voice!r}, the scenario another language", voice=voice),
            )
        if not self._scenario.mood.leaves_at < self._scenario.mood.start <= MOST_MOOD:
            self._report.error(
                self._at("mood"), say("a mood must start above leaves_at and at most at {most}", most=MOST_MOOD)
            )

    def _at(self, *path: str | int) -> Node:
        return inside(self._root, *path)

    def _reactions(self) -> Iterable[tuple[tuple[str | int, ...], Sequence[Reaction]]]:
        for number, step in enumerate(self._scenario.steps):
            yield ("steps", number, "reactions"), step.reactions
        yield ("anywhere",), self._scenario.anywhere

    def _names(self) -> None:
        """Ids are given once."""
        parts = ("steps", "facts", "questions", "interruptions", "goals", "required", "forbidden")
        for name in parts:
            seen: set[str] = set()
            for number, one in enumerate(getattr(self._scenario, name)):
                if one.id in seen:
                    self._report.error(
                        self._at(name, number, "id"), say("{id!r} stands twice in {name}", id=one.id, name=name)
                    )
                seen.add(one.id)

    def _known(self, where: Node, what: str, words: str | tuple[str, ...] | None, known: Iterable[str]) -> None:
        known = tuple(known)
        for word in several(words or ()):
            if word not in known:
                self._report.error(
                    where,
                    say("there is no {what} {name!r}{near}", what=what, name=word, near=did_you_mean(word, known)),
                )

    def _when(self, path: tuple[str | int, ...], when: When) -> None:
        self._known(self._at(*path, "about"), say("topic"), when.about, ABOUTS)
        self._known(self._at(*path, "told"), say("fact"), when.told, self._facts)
        self._known(self._at(*path, "not_told"), say("fact"), when.not_told, self._facts)
        self._known(self._at(*path, "done"), say("step"), when.done, self._steps)
        least, most = when.mood_at_least or 0, MOST_MOOD if when.mood_at_most is None else when.mood_at_most
        if least > most or least > MOST_MOOD or set(several(when.told)) & set(several(when.not_told)):
            self._report.error(self._at(*path), say("this condition can never hold"))

    def _whens(self, path: tuple[str | int, ...], whens: Sequence[When]) -> None:
        if not whens:
            self._report.error(self._at(*path), say("a condition is needed"))
        for number, when in enumerate(whens):
            self._when((*path, number), when)

    def _reactions_of(self, place: tuple[str | int, ...], reactions: Sequence[Reaction]) -> None:
        """Known words, and no reaction that those before it leave nothing to."""
        before: set[When] = set()
        shut = False
        for number, reaction in enumerate(reactions):
            path = (*place, number)
            self._whens((*path, "when"), reaction.when)
            self._known(self._at(*path, "goto"), say("step"), reaction.goto, self._steps)
            self._known(self._at(*path, "asks"), say("question"), reaction.asks, self._questions)
            if shut or (reaction.when and all(when in before for when in reaction.when)):
                self._report.error(
                    self._at(*path), say("this is never reached: a reaction before it always comes first")
                )
            if not reaction.once:
                before |= set(reaction.when)
                shut = shut or When() in reaction.when
            if not (reaction.says or reaction.mood or reaction.goto or reaction.asks):
                self._report.error(
                    self._at(*path), say("a reaction that does nothing; give it says, mood, goto or asks")
                )

    def _interruptions(self) -> None:
        for number, one in enumerate(self._scenario.interruptions):
            path: tuple[str | int, ...] = ("interruptions", number)
            self._whens((*path, "when"), one.when)
            self._known(self._at(*path, "asks"), say("question"), one.asks, self._questions)
            missing = _missing(one)
            if missing:
                self._report.error(
                    self._at(*path), say("an interruption of kind {kind} needs {key!r}", kind=one.kind, key=missing)
                )

    def _facts_and_questions(self) -> None:
        scenario = self._scenario
        for number, fact in enumerate(scenario.facts):
            where = self._at("facts", number, "asked_by" if fact.asked_by else "id")
            self._known(where, say("topic"), fact.asked_by or fact.id, ABOUTS)
            if fact.mood_at_least > MOST_MOOD:
                self._report.error(
                    self._at("facts", number, "mood_at_least"),
                    say("{id!r} is never told: no mood is so high", id=fact.id),
                )
            if not fact.says:
                self._report.error(self._at("facts", number, "says"), say("{id!r} has no words", id=fact.id))
        asked = {one.asks for _, reactions in self._reactions() for one in reactions}
        asked |= {one.asks for one in scenario.interruptions} | {scenario.opening_asks}
        self._known(self._at("opening_asks"), say("question"), scenario.opening_asks, self._questions)
        for number, question in enumerate(scenario.questions):
            self._whens(("questions", number, "answered_by"), question.answered_by)
            if question.id not in asked:
                self._report.error(
                    self._at("questions", number), say("nothing ever asks the question {id!r}", id=question.id)
                )
            if not question.says or not question.again:
                self._report.error(
                    self._at("questions", number), say("the question {id!r} has no words", id=question.id)
                )

    def _reached(self) -> None:
        """Every step can be come to from the first one."""
        anywhere = {one.goto for one in self._scenario.anywhere if one.goto}
        ways = {step.id: {one.goto for one in step.reactions if one.goto} | anywhere for step in self._scenario.steps}
        reached, todo = set(), [self._scenario.steps[0].id]
        while todo:
            step = todo.pop()
            if step not in reached:
                reached.add(step)
                todo += [one for one in ways.get(step, ()) if one in self._steps]
        for number, one in enumerate(self._scenario.steps):
            if one.id not in reached:
                self._report.error(self._at("steps", number, "id"), say("no way leads to the step {id!r}", id=one.id))
        if not any(one.settled for one in self._scenario.steps):
            self._report.error(self._at("steps"), say("no step is settled: the customer can never be satisfied"))

    def _moment(self, path: tuple[str | int, ...], moment: Moment | None) -> None:
        if moment is not None:
            self._known(self._at(*path, "before", "about"), say("topic"), moment.about, ABOUTS)
            self._known(self._at(*path, "before", "fact"), say("fact"), moment.fact, self._facts)
            self._known(self._at(*path, "before", "step"), say("step"), moment.step, self._steps)

    def _tasks(self) -> None:
        scenario = self._scenario
        if not scenario.goals:
            self._report.error(self._at("goals"), say("a scenario needs at least one goal"))
        for number, goal in enumerate(scenario.goals):
            path: tuple[str | int, ...] = ("goals", number)
            self._known(self._at(*path, "step"), say("step"), goal.step, self._steps)
            self._known(self._at(*path, "fact"), say("fact"), goal.fact, self._facts)
            self._known(self._at(*path, "answered"), say("question"), goal.answered, self._questions)
            self._moment(path, goal.before)
            if goal.mood_at_least is not None and goal.mood_at_least > MOST_MOOD:
                self._report.error(
                    self._at(*path, "mood_at_least"),
                    say("this goal cannot be met: moods end at {most}", most=MOST_MOOD),
                )
            if not any((goal.step, goal.fact, goal.answered, goal.ended, goal.mood_at_least is not None)):
                self._report.error(
                    self._at(*path), say("a goal must say what to reach: step, fact, answered, mood_at_least or ended")
                )
        self._acts_and_points()

    def _acts_and_points(self) -> None:
        scenario = self._scenario
        for name in ("required", "forbidden"):
            for number, one in enumerate(getattr(scenario, name)):
                self._known(self._at(name, number, "about"), say("topic"), one.about, ABOUTS)
                self._moment((name, number), one.before)
        for number, one in enumerate(scenario.forbidden):
            if not (one.act or one.about or one.sign):
                self._report.error(self._at("forbidden", number), say("say what is forbidden: act, about or sign"))
        for name in ("goals", "required"):
            for number, one in enumerate(getattr(scenario, name)):
                if one.points <= 0:
                    self._report.error(self._at(name, number, "points"), say("points must be above 0"))

    def _texts(self) -> None:
        """Slots that texts use, against those the variants fill."""
        scenario = self._scenario
        if len(scenario.opening) < 2:
            self._report.warning(
                self._at("opening"), say("the opening has one wording only: every dialogue begins the same")
            )
        given = [set(one) for one in scenario.variants]
        for number, one in enumerate(given):
            if one != given[0]:
                self._report.error(
                    self._at("variants", number), say("every variant must fill {names}", names=tuple(sorted(given[0])))
                )
        known = set().union(*given) if given else set()
        used: set[str] = set()
        for node in _scalars(self._root):
            for match in _SLOT.finditer(node.value):
                used.add(match[1])
                if match[1] not in known:
                    self._report.error(node.inside(match.start()), say("no variant fills {{{word}}}", word=match[1]))
            if node.value.startswith(TODO):
                self._report.warning(
                    node, say("still to be written: {words}", words=node.value.removeprefix(TODO).strip(" :："))
                )
        for word in sorted(known - used):
            self._report.warning(self._at("variants"), say("{{{word}}} is used nowhere", word=word))

    def _references(self) -> None:
        references = self._scenario.references
        if references is None:
            self._report.warning(self._root, say("no reference dialogues: nobody can tell whether it can be passed"))
            return
        for name in ("good", "bad"):
            for number, reply in enumerate(getattr(references, name).replies):
                where = self._at("references", name, "replies", number, "acts")
                for act in reply.acts:
                    word, *rest = act.split()
                    self._known(where, say("act"), word, _ACTS)
                    self._known(where, say("topic"), tuple(one for one in rest if one != "due"), ABOUTS)


def _missing(one: Interruption) -> str:
    """What an interruption of its kind lacks."""
    if one.kind == "silence":
        return "" if one.silent_seconds > 0 else "silent_seconds"
    if one.kind == "second_question":
        return "" if one.asks else "asks"
    return "" if one.says else "says"


def _scalars(node: Node) -> Iterable[Scalar]:
    if isinstance(node, Items):
        for item in node.items:
            yield from _scalars(item)
    elif isinstance(node, Pairs):
        for _, value in node.pairs:
            yield from _scalars(value)
    else:
        yield node
