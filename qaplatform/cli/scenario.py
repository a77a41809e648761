"""``qaplatform scenario``: look scenarios of the mock-dialogue exam over."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def scenario() -> None:
    """Look scenarios of the mock-dialogue exam over (模拟场景)."""


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
