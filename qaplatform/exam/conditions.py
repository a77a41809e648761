"""Whether a scenario's conditions hold for what was just heard."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from qaplatform.exam.dialogue import Done, State
from qaplatform.exam.scenario import Moment, When, several


def holds(when: When, acts: Sequence[Done], signs: Collection[str], state: State) -> bool:
    """Whether a condition holds; act, subject and time must be those of one and the same act."""
    if (when.act or when.about or when.due is not None) and not any(
        fits(one, when.act, when.about, when.due) for one in acts
    ):
        return False
    if when.sign and not set(several(when.sign)) & set(signs):
        return False
    if when.mood_at_least is not None and state.mood < when.mood_at_least:
        return False
    if when.mood_at_most is not None and state.mood > when.mood_at_most:
        return False
    if when.replies_at_least is not None and state.replies < when.replies_at_least:
        return False
    return (
        all(state.has("fact", id) for id in several(when.told))
        and not any(state.has("fact", id) for id in several(when.not_told))
        and all(state.has("step", id) for id in several(when.done))
    )


def fits(done: Done, act: str | tuple[str, ...], about: str | tuple[str, ...], due: bool | None) -> bool:  # noqa: FBT001
    """Whether one act is of the kind asked for; what is left empty is not asked for."""
    return (
        (not act or done.act in several(act))
        and (not about or done.about in several(about))
        and (due is None or done.due == due)
    )


def first_line(moment: Moment, state: State) -> int | None:
    """After which line of the dialogue a moment came first; ``None`` where it never came."""
    lines: Iterable[int] = [
        one.line for one in state.acts if _is_act(moment) and fits(one, moment.act, moment.about, None)
    ]
    lines = [*lines, *(one.line for one in state.happened if (one.what, one.id) in _named(moment))]
    return min(lines, default=None)


def _is_act(moment: Moment) -> bool:
    return bool(moment.act or moment.about)


def _named(moment: Moment) -> list[tuple[str, str]]:
    named = (("fact", moment.fact), ("step", moment.step))
    return [(what, id) for what, id in named if id is not None]
