"""``qaplatform demo``: the shipped samples, audited, summed up and written as a report."""

from __future__ import annotations

from pathlib import Path

import click

from qaplatform.cli.audit import run_audit
from qaplatform.cli.options import language_option
from qaplatform.formats.writing import Language
from qaplatform.resources import shipped_file
from qaplatform.services.rubrics import context_named, rubric_named


@click.command()
@click.option(
    "--out", default="out/report.html", show_default=True, metavar="PATH", help="Where the HTML report is written."
)
@language_option
def demo(out: str, language: Language) -> None:
    """Audit the shipped samples: a summary here, a report to open in a browser."""
    rubric, context = rubric_named(), context_named(shipped_file("samples", "context.yaml"))
    inputs = (str(shipped_file("samples", "conversations.jsonl")),)
    target = Path(out)
    target.parent.mkdir(parents=True, exist_ok=True)
    run_audit(inputs, rubric, context, "table", "-", language=language)
    run_audit(inputs, rubric, context, "html", str(target), language=language)
    said = {"zh": "报告已写好,用浏览器打开:", "en": "The report is written; open it in a browser:"}[language]
    click.echo(f"\n{said} {target.resolve()}")
