"""``qaplatform scenario``: look scenarios of the mock-dialogue exam over, and play them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from qaplatform.cli.options import language_option, rubric_option
from qaplatform.formats.writing import Language


@click.group()
def scenario() -> None:
    """Look scenarios of the mock-dialogue exam over and play them (模拟场景)."""


@scenario.command()
@click.argument("folder", required=False, metavar="[FOLDER]")
def lint(folder: str | None) -> None:
    """Read the scenarios of a folder (default: those that ship); every mistake is said at path:line:column.

    Voices the folder does not bring along in voices/ are taken from those that ship.
    """
    from qaplatform.errors import InputError
    from qaplatform.exam.scenario_loading import check_scenarios, folder_files, shipped_voices
    from qaplatform.resources import shipped_folder

    chosen = Path(folder) if folder else shipped_folder("scenarios")
    if not chosen.is_dir():
        raise InputError("there is no such folder", file=str(chosen), way_out="name the folder your scenarios are in")
    files = folder_files(chosen)
    own = {Path(path).name for path in files if Path(path).parent.name == "voices"}
    shipped = {path: text for path, text in shipped_voices().items() if Path(path).name not in own}
    scenarios, problems = check_scenarios({**shipped, **files})
    for problem in problems:
        click.echo(str(problem), err=problem.severity == "error")
    warnings = sum(problem.severity == "warning" for problem in problems)
    if warnings < len(problems):
        click.get_current_context().exit(1)
    click.echo(f"{len(scenarios)} scenarios, {warnings} warnings")


@scenario.command()
@click.argument("name", metavar="SCENARIO")
@click.option("--seed", type=int, help="Another customer of the same kind: other words, names and figures.")
@click.option(
    "--reference", type=click.Choice(["good", "bad"]), help="Play a reference dialogue instead of asking you."
)
@click.option("--show-mood", "shows_mood", is_flag=True, help="Show the customer's mood, 0 to 10, beside their words.")
@click.option("--real-time", is_flag=True, help="Let time pass as it does; otherwise a reply takes its typing time.")
@rubric_option
@language_option
def play(
    name: str,
    seed: int | None,
    reference: Literal["good", "bad"] | None,
    shows_mood: bool,  # noqa: FBT001 - click calls by name
    real_time: bool,  # noqa: FBT001
    rubric_name: str,
    language: Language,
) -> None:
    """Answer the customer of a scenario: one that ships, by its id, or a YAML file of your own.

    Write a reply and press Enter. +30 lets 30 seconds pass, +30 TEXT sends a reply after 30, /panel shows what you may
    look up, /end ends the dialogue. Then come both scores and how it would have been said better.
    """
    from qaplatform.audit.context import Context
    from qaplatform.cli import scenario_play
    from qaplatform.exam.acts import recognise
    from qaplatform.exam.customer import Customer, listener_for
    from qaplatform.services.matcher_cache import compiled_auditor
    from qaplatform.services.rubrics import rubric_named

    chosen = scenario_play.scenario_named(name)
    auditor = compiled_auditor(rubric_named(rubric_name), Context())
    listener = listener_for(chosen, auditor, recognise)
    scenario_play.play(
        chosen,
        lambda number: Customer(chosen, number, listener),
        language,
        seed=seed,
        reference=reference,
        shows_mood=shows_mood,
        real_time=real_time,
    )
