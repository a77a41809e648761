"""``qaplatform audit``: conversations in, scorecards out."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.finding import Scorecard
from qaplatform.audit.rubric import Rubric
from qaplatform.cli.options import context_option, language_option, reading_options, rubric_option
from qaplatform.cli.progress import RunReport
from qaplatform.errors import InputError
from qaplatform.formats.inputs import find_inputs
from qaplatform.formats.options import ReadOptions
from qaplatform.formats.writing import FORMATS, Format, Language, Options, write, write_encoded
from qaplatform.services.auditing import AuditedBlock, AuditJob, audit_blocks
from qaplatform.services.rubrics import context_named, rubric_named

_BY_SUFFIX: dict[str, Format] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".xlsx": "xlsx", ".parquet": "parquet", ".html": "html",
    ".htm": "html", ".txt": "table",
}  # fmt: skip


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT…")
@rubric_option
@context_option
@click.option("--format", "form", type=click.Choice(FORMATS), help="Default: by --out's suffix, else table.")
@click.option("--out", default="-", metavar="PATH", help="Where to write; - is the standard output.")
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes to use.")
@language_option
@reading_options
def audit(
    inputs: tuple[str, ...],
    rubric_name: str,
    context_path: str | None,
    form: Format | None,
    out: str,
    workers: int,
    language: Language,
    reading: ReadOptions,
) -> None:
    """Audit conversations in files, folders, patterns or - (standard input).

    Reads conversation JSONL, CSV/TSV/XLSX with one message a row, and chats copied from a 千牛 window; .gz as well.
    Exit code 3 says that some of the input was rejected.
    """
    run_audit(
        inputs, rubric_named(rubric_name), context_named(context_path), form or _form_of(out), out,
        workers=workers, language=language, reading=reading,
    )  # fmt: skip


def _form_of(out: str) -> Format:
    """The format the output's name asks for."""
    if out == "-":
        return "table"
    form = _BY_SUFFIX.get(Path(out).suffix.lower())
    if form is None:
        said = f"{out!r} does not say which format it is to have; name one with --format, or end it in "
        raise click.BadParameter(said + ", ".join(_BY_SUFFIX), param_hint="'--out'")
    return form


def run_audit(
    inputs: tuple[str, ...],
    rubric: Rubric,
    context: Context,
    form: Format,
    out: str,
    *,
    workers: int = 1,
    language: Language = "zh",
    reading: ReadOptions | None = None,
) -> RunReport:
    """Audit, write, sum up; ends the program with code 3 where input was rejected."""
    found = find_inputs(inputs)
    if out != "-" and any(file.path and file.path.exists() and _same(file.path, out) for file in found.files):
        raise InputError("the output would overwrite an input", file=out)
    job = AuditJob(
        found, rubric, context, reading or ReadOptions(), workers=workers, keep_conversations=form != "jsonl"
    )
    with RunReport(found.total_bytes) as report:
        blocks = report.watch(audit_blocks(job))
        if form == "jsonl":
            write_encoded((audited.lines for audited in blocks), out)
        else:
            write(
                form, _pairs(blocks), out, rubric=rubric, context=context, language=language,
                options=_options(report),
            )  # fmt: skip
    report.sum_up()
    if report.tally.exit_code:
        click.get_current_context().exit(report.tally.exit_code)
    return report


def _same(path: Path, out: str) -> bool:
    target = Path(out)
    return target.exists() and path.samefile(target)


def _pairs(blocks: Iterator[AuditedBlock]) -> Iterator[tuple[Conversation, Scorecard]]:
    for audited in blocks:
        yield from audited.pairs()


def _options(report: RunReport) -> Options:
    return Options(
        width=max(60, min(shutil.get_terminal_size((80, 24)).columns, 120)),
        colour=sys.stdout.isatty(),
        reading=report.tally,
        generated_at=datetime.now(UTC),
    )
