"""``qaplatform risk``: measure how well a learned risk would tell which chats go wrong."""

from __future__ import annotations

import click
import msgspec

from qaplatform.cli.options import context_option
from qaplatform.services.risk_evaluating import evaluate as evaluated
from qaplatform.services.risk_models import Comparison, Interval, Quality
from qaplatform.services.rubrics import DEFAULT_RUBRIC, context_named, rubric_named


@click.group()
def risk() -> None:
    """Measure the risk that is learned from rulings (风险模型)."""


@risk.command()
@click.argument("labelled", metavar="LABELLED.jsonl")
@click.option(
    "--folds", type=click.IntRange(2, 20), default=5, show_default=True, help="Parts of the cross-validation."
)
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True, help="Same seed, same figures."
)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--rubric", "name", default=DEFAULT_RUBRIC, show_default=True, metavar="NAME|PATH")
@context_option
def evaluate(labelled: str, folds: int, seed: int, form: str, name: str, context_path: str | None) -> None:
    """Learn and try by cross-validation on labelled conversations, beside the risk by rules on the same folds."""
    found = evaluated(labelled, rubric_named(name), context_named(context_path), folds=folds, seed=seed)
    if form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
        return
    _say(found, folds)


def _say(found: Comparison, folds: int) -> None:
    click.echo(f"{found.n} conversations, {found.wrong} gone wrong, {folds} folds")
    click.echo(f"{'':<8} {'AUC':<22} {'Spearman':<25} {'ECE':>6} {'Brier':>6}")
    for title, quality in (("learned", found.model), ("rules", found.rule)):
        click.echo(_quality_line(title, quality))
    click.echo(
        f"gain in AUC {_interval(found.gain, '+.3f')}: {'better' if found.is_better else 'not better'} than the rules"
    )
    click.echo(f"{'fold':<5} {'n':>6} {'wrong':>6} {'AUC':>7} {'rules':>7} {'Spearman':>9} {'rules':>7}")
    for number, one in enumerate(found.folds, start=1):
        figures = (one.auc, one.rule_auc, one.spearman, one.rule_spearman)
        auc, rule_auc, spearman, rule_spearman = (_figure(value) for value in figures)
        click.echo(f"{number:<5} {one.n:>6} {one.wrong:>6} {auc:>7} {rule_auc:>7} {spearman:>9} {rule_spearman:>7}")
    click.echo("calibration: said, and so many went wrong")
    for each in found.bins:
        click.echo(f"{each.low:.2f}–{each.high:.2f}  n={each.n:<5} said {each.said:.2f}  wrong {each.wrong:.2f}")


def _quality_line(title: str, one: Quality) -> str:
    auc, spearman = _interval(one.auc, ".3f"), _interval(one.spearman, "+.3f")
    return f"{title:<8} {auc:<22} {spearman:<25} {one.ece:6.3f} {one.brier:6.3f}"


def _interval(one: Interval, form: str) -> str:
    if one.value is None:
        return "—"
    ends = "" if one.low is None or one.high is None else f" [{one.low:{form}}, {one.high:{form}}]"
    return f"{one.value:{form}}{ends}"


def _figure(value: float | None) -> str:
    return "—" if value is None else f"{value:.3f}"
