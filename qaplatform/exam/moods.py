"""What in a reply moves the customer's mood, and by how much.

Comfort wears off: what pleased counts in full the first time, as one point the second time, then no more, so that
soothing again and again replaces no solution. What hurts counts every time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from qaplatform.exam.dialogue import State
from qaplatform.exam.hearing import Heard
from qaplatform.exam.scenario import MOST_MOOD, Event, Scenario

_PLAIN: Mapping[str, Event] = {
    "greets": "greets", "soothes": "soothes", "apologises": "apologises", "explains": "explains", "stalls": "stalls",
    "rebuffs": "rebuffs", "asks_off_platform": "off_platform", "asks_for_review": "review",
}  # fmt: skip
_SIGNS: Mapping[str, Event] = {
    "banned": "banned", "insult": "insult", "curt": "curt", "vague": "vague", "off_platform": "off_platform",
    "review": "review", "private": "private",
}  # fmt: skip
_GREETS_OR_LOOKS = {"greets", "stalls"}
"""Nothing but these is not cold yet."""
_TROUBLED = 5
"""Up to this mood a reply without any comfort is a cold one."""


def events_of(heard: Heard, state: State, *, asked_again: bool, not_answered: bool) -> tuple[Event, ...]:
    """What was met in a reply, each once, in a fixed order."""
    done = {one.act for one in heard.acts}
    events: set[Event] = {_PLAIN[act] for act in done if act in _PLAIN}
    events |= {_SIGNS[one.sign] for one in heard.signs if one.sign in _SIGNS}
    promises = [one for one in heard.acts if one.act == "promises"]
    if any(one.due for one in promises):
        events.add("promises")
        events.discard("vague")
    elif any(one.about != "check" for one in promises) and not done & {"asks", "offers"}:
        events.add("vague")
    elif promises and "vague" not in events and not done & {"asks", "offers"}:
        # Who goes and looks (我帮您查) asks for patience.
        events.add("stalls")
    if "refuses" in done:
        events.add("refuses_explained" if done & {"explains", "offers", "escalates", "apologises"} else "refuses")
    if heard.soothed:
        events.add("soothes")
    if events & {"banned", "insult"}:
        events -= {"rebuffs", "curt"}
    comforted = events & {"soothes", "apologises"} or state.times("soothes") or state.times("apologises")
    if done - _GREETS_OR_LOOKS and not comforted and state.mood <= _TROUBLED:
        events.add("cold")
    if asked_again:
        events.add("asked_again")
    if not_answered:
        events.add("not_answered")
    return tuple(sorted(events))


def moved(
    scenario: Scenario, state: State, events: Iterable[Event], more: int = 0
) -> tuple[int, tuple[tuple[str, int], ...]]:
    """The mood after some events and ``more`` of a reaction, from 0 to 10, and the new counts of events."""
    counts = dict(state.events)
    change = more
    for event in events:
        rule = scenario.mood.rules.get(event, scenario.voice.rules[event])
        times = counts.get(event, 0)
        change += rule if rule <= 0 or not times else (1 if times == 1 else 0)
        counts[event] = times + 1
    return max(0, min(MOST_MOOD, state.mood + change)), tuple(sorted(counts.items()))
