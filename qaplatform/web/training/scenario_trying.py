"""Trying a scenario out in simulated time: nothing is stored, the page itself carries what was done so far."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.exam.scenario import Scenario
from qaplatform.exam.turns import MOST_SECONDS, Move
from qaplatform.formats.writing.wording import Wording
from qaplatform.services.training import scenario_drafts as service
from qaplatform.services.training import scenario_trials as trials
from qaplatform.services.training.scenario_checking import live_auditor
from qaplatform.services.training.scenario_drafts import EDIT, ScenarioSeen
from qaplatform.services.training.scenario_faults import ScenarioMovedOnError
from qaplatform.services.training.scenario_trials import Trial, TrialTooLongError, TrialUnjudgedError, Which
from qaplatform.services.yaml_edits import UneditableYamlError
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import _, language
from qaplatform.web.sentences import sentence_of
from qaplatform.web.submitting import done
from qaplatform.web.training.scenarios import scenario_page, scenarios, seen_or_404, version_seen

_MOST_SEED = 1_000_000
_USUAL_SECONDS = 15
_WAIT_SECONDS = 60


@scenarios.get("/<code>/try")
@permitted(EDIT)
def try_out(code: str) -> ResponseReturnValue:
    """The customer has written in; ``seed`` in the address draws another one."""
    return _page(seen_or_404(code), (), is_over=False)


@scenarios.post("/<code>/try")
@permitted(EDIT)
def move(code: str) -> ResponseReturnValue:
    """A message after so many seconds, a wait, or the end: which button was pressed says which."""
    seen, moves, does = seen_or_404(code), _moves(), request.form.get("do", "send")
    text = request.form.get("text", "").strip()
    seconds = max(0, min(MOST_SECONDS, request.form.get("seconds", _USUAL_SECONDS, type=int)))
    is_over = does in ("end", "over")
    if does == "send" and text:
        moves = (*moves, Move(seconds, text))
    elif does == "wait":
        moves = (*moves, Move(seconds or _WAIT_SECONDS))
    elif does == "back":
        moves = moves[:-1]
    return _page(seen, moves, is_over=is_over)


@scenarios.post("/<code>/try/keep")
@permitted(EDIT)
def keep(code: str) -> ResponseReturnValue:
    """Write what was played into the draft as its good or bad reference dialogue."""
    seen, moves = seen_or_404(code), _moves()
    which: Which = "bad" if request.form.get("as") == "bad" else "good"
    scenario, viewer, now = seen.checked.scenario, current_viewer(), clock.now()
    if scenario is None:
        return _page(seen, moves, is_over=True)
    try:
        with current_store().reading() as session:
            trial = trials.tried(session, scenario, moves, seed=_seed(), is_over=True, now=now)
        text = trials.with_reference(seen.text, which, moves, trial.turn)
        done(
            lambda session: service.save_draft(session, viewer, code, text, seen_version=version_seen(), now=now)
        )  # fmt: skip
    except (UneditableYamlError, ScenarioMovedOnError, TrialTooLongError, TrialUnjudgedError) as error:
        flash(sentence_of(error), "error")
        return _page(seen, moves, is_over=True)
    flash(_("已写入草稿的参考对话。"), "success")
    return redirect(url_for(".show", code=code, _anchor="references"), 303)


def _page(seen: ScenarioSeen, moves: Sequence[Move], *, is_over: bool) -> ResponseReturnValue:
    scenario, trial, wording, status = seen.checked.scenario, None, None, 200
    if scenario is not None:
        try:
            trial, wording = _tried(scenario, moves, is_over=is_over)
        except (TrialTooLongError, TrialUnjudgedError) as error:
            flash(sentence_of(error), "error")
            status = 400
    page = scenario_page(
        "try",
        seen,
        trial=trial,
        wording=wording,
        moves=msgspec.json.encode(moves).decode(),
        move_count=len(moves),
        seed=_seed(),
        seconds=_USUAL_SECONDS,
    )
    return page, status


def _tried(scenario: Scenario, moves: Sequence[Move], *, is_over: bool) -> tuple[Trial, Wording | None]:
    now = clock.now()
    with current_store().reading() as session:
        trial = trials.tried(session, scenario, moves, seed=_seed(), is_over=is_over, now=now)
        auditor = live_auditor(session, scenario, now) if trial.ended else None
    return trial, None if auditor is None else Wording(auditor.rubric, auditor.context, language())


def _moves() -> tuple[Move, ...]:
    """What was done so far, as the page carried it; what somebody wrote into it by hand is at most a short dialogue."""
    try:
        return msgspec.json.decode(request.form.get("moves", "[]"), type=tuple[Move, ...])
    except (msgspec.DecodeError, msgspec.ValidationError):
        return ()


def _seed() -> int:
    return max(0, min(_MOST_SEED, request.values.get("seed", 1, type=int)))
