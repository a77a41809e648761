"""``qaplatform rubric``: check, test, show and measure rubrics."""

from __future__ import annotations

import click

from qaplatform.audit.agreement import CaseFigure, Figure, Mismatch
from qaplatform.audit.rubric_text import describe_rubric
from qaplatform.cli.options import context_option, language_option
from qaplatform.errors import InputError
from qaplatform.services.measuring import LabelFigures, measure_case_file, measure_labels, measure_risk
from qaplatform.services.rubric_testing import try_rubric
from qaplatform.services.rubrics import DEFAULT_RUBRIC, context_named, problems_of, rubric_named

_name = click.argument("name", default=DEFAULT_RUBRIC, metavar="[NAME|PATH]")


@click.group()
def rubric() -> None:
    """Check, test, show and measure rubrics (质检标准)."""


@rubric.command()
@_name
def check(name: str) -> None:
    """Read a rubric and all it includes; every mistake is said at path:line:column."""
    checked, problems = problems_of(name)
    for problem in problems:
        click.echo(str(problem), err=problem.severity == "error")
    if checked is None:
        click.get_current_context().exit(1)
        return
    groups = len(checked.phrases)
    click.echo(f"{checked.name}: {len(checked.criteria)} criteria, {groups} phrase groups, {len(problems)} warnings")


@rubric.command()
@_name
@context_option
def test(name: str, context_path: str | None) -> None:
    """Run a rubric's own examples and the hits and misses of its phrase groups."""
    tried = failed = 0
    for trial in try_rubric(rubric_named(name), context_named(context_path)):
        tried += 1
        if trial.fault:
            failed += 1
            click.echo(f"{trial.mark}: {trial.fault}", err=True)
    click.echo(f"{tried} tried, {failed} failed")
    if failed:
        click.get_current_context().exit(1)


@rubric.command()
@_name
@language_option
def show(name: str, language: str) -> None:
    """Show a rubric in plain words."""
    click.echo(describe_rubric(rubric_named(name), language), nl=False)


@rubric.command()
@click.argument("conversations", required=False)
@click.option("--rubric", "name", default=DEFAULT_RUBRIC, show_default=True, metavar="NAME|PATH")
@context_option
@click.option("--labels", metavar="FILE", help="Labels of what the checks look for, for CONVERSATIONS.")
@click.option("--cases", metavar="FILE", help="Invented cases with the outcome each must have.")
@click.option("--risk", metavar="FILE", help="Conversations with people's satisfaction.")
@click.option("--wrong", is_flag=True, help="List what is not right: labels and cases.")
def measure(
    conversations: str | None, name: str, context_path: str | None, labels: str | None, cases: str | None,
    risk: str | None, *, wrong: bool,
) -> None:  # fmt: skip
    """Measure a rubric against people's labels: precision, recall, F1 with 95 % intervals."""
    chosen, context = rubric_named(name), context_named(context_path)
    if labels is None and cases is None and risk is None:
        raise InputError("name something to measure against", way_out="--labels FILE CONVERSATIONS, --cases or --risk")
    click.echo(f"{chosen.name}")
    if labels is not None:
        if conversations is None:
            raise InputError("labels need the conversations they belong to", field="CONVERSATIONS")
        _say_labels(measure_labels(chosen, context, conversations, labels), wrong=wrong)
    if cases is not None:
        _say_cases(measure_case_file(chosen, context, cases), wrong=wrong)
    if risk is not None:
        seen = measure_risk(chosen, context, risk)
        correlation = f"Spearman with mean satisfaction {seen.spearman:+.3f}, " if seen.spearman is not None else ""
        click.echo(
            f"risk: {correlation}AUC for dissatisfied {seen.auc:.3f}"
            f" ({seen.dissatisfied} of {seen.conversations} conversations)"
        )


def _say_labels(measured: LabelFigures, *, wrong: bool) -> None:
    for figure in measured.figures:
        click.echo(_figure_line(figure))
    for mismatch, text in measured.wrong if wrong else ():
        click.echo(_mismatch_line(mismatch, text))


def _say_cases(families: list[CaseFigure], *, wrong: bool) -> None:
    for family in families:
        click.echo(_case_line(family))
        for case, expected, got in family.wrong if wrong and family.family != "all" else ():
            click.echo(f"    {case}: expected {expected}, got {got}")


def _figure_line(figure: Figure) -> str:
    if figure.value is None:
        return f"{figure.name:<28} {'—':>6}  n={figure.n}"
    interval = f"[{figure.low:.2f}, {figure.high:.2f}]" if figure.low is not None and figure.high is not None else ""
    return f"{figure.name:<28} {figure.value:6.3f} {interval:<14} n={figure.n}"


def _mismatch_line(mismatch: Mismatch, text: str) -> str:
    where = mismatch.id if mismatch.message is None else f"{mismatch.id} message {mismatch.message}"
    if not mismatch.labelled:
        said = f"seen ({mismatch.observed}), not labelled"
    elif not mismatch.observed:
        said = f"labelled ({mismatch.labelled}), not seen"
    else:
        said = f"labelled {mismatch.labelled}, seen {mismatch.observed}"
    return f"    {where}: {mismatch.observation} {said}" + (f": {text}" if text else "")


def _case_line(family: CaseFigure) -> str:
    precision = "—" if family.precision is None else f"{family.precision:.2f}"
    recall = "—" if family.recall is None else f"{family.recall:.2f}"
    right = f"{family.right}/{family.n}"
    share = f"{family.accuracy:6.3f} right ({right:>7})"
    return f"{family.family:<20} {share}, fail: precision {precision}, recall {recall}"
