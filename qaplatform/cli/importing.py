"""``qaplatform import``: conversations into a database, with their audits."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import partial

import click

from qaplatform.cli.options import reading_options
from qaplatform.formats.inputs import find_inputs
from qaplatform.formats.options import ReadOptions
from qaplatform.store.imports import Origin


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the command beside its files."""

    database: str
    shop_code: str | None
    context_path: str | None
    workers: int
    reading: ReadOptions
    create_shops: bool
    origin: Origin = "command"


@dataclass(frozen=True, slots=True)
class Done:
    """A file that was taken in."""

    file: str
    import_id: int
    new: int
    updated: int
    same: int
    older: int
    rejected: int
    messages: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.file}: {self.new:,} new, {self.updated:,} updated, {self.same:,} the same, {self.older:,} older,"
            f" {self.rejected:,} rejected; {self.messages:,} messages in {self.seconds:.1f} s"
        )


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option(
    "--database", required=True, envvar="QAPLATFORM_DATABASE", metavar="URL",
    help="sqlite:///PATH (made if it is not there) or postgresql://USER@HOST/NAME.",
)  # fmt: skip
@click.option(
    "--shop", "shop_code", metavar="CODE", help="The shop of all conversations; otherwise each names its own."
)
@click.option("--create-shops", is_flag=True, help="Set up the shops that are named and not there.")
@click.option(
    "--context", "context_path", metavar="FILE", help="Take over calendar, roster, agents, addresses (YAML) first."
)
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes to audit in.")
@click.option("--json", "as_json", is_flag=True, help="Say what was done as JSON, a line a file.")
@partial(reading_options, shop=False)
def import_(
    files: tuple[str, ...],
    database: str,
    shop_code: str | None,
    context_path: str | None,
    workers: int,
    reading: ReadOptions,
    *,
    create_shops: bool,
    as_json: bool,
) -> None:
    """Take conversations in: audit and store them, as an upload in the browser would.

    The same again changes nothing; a longer version of a conversation replaces it and is audited anew. Exit code 3 says
    that some of the input was rejected.
    """
    from qaplatform.cli.foreground import taken_in

    rejected = 0
    wanted = Wanted(database, shop_code, context_path, workers, reading, create_shops=create_shops)
    for done in taken_in(find_inputs(files), wanted):
        rejected += done.rejected
        click.echo(json.dumps(asdict(done), ensure_ascii=False) if as_json else str(done))
    if rejected:
        click.get_current_context().exit(3)
