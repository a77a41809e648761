"""``qaplatform explain``: why one conversation got its score, rule by rule."""

from __future__ import annotations

import click

from qaplatform.cli.options import context_option, language_option, reading_options, rubric_option
from qaplatform.errors import InputError
from qaplatform.formats.inputs import find_inputs
from qaplatform.formats.options import ReadOptions
from qaplatform.formats.reading import open_sources
from qaplatform.formats.writing import Language
from qaplatform.services.explaining import explained
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.rubrics import context_named, rubric_named


@click.command()
@click.argument("source", metavar="INPUT")
@click.argument("id", metavar="ID")
@rubric_option
@context_option
@language_option
@reading_options
def explain(
    source: str, id: str, rubric_name: str, context_path: str | None, language: Language, reading: ReadOptions
) -> None:
    """Say why a conversation got its score: which words, which gate, which limit."""
    auditor = compiled_auditor(rubric_named(rubric_name), context_named(context_path))
    for opened in open_sources(find_inputs([source]), reading):
        for block in opened.blocks():
            for conversation in block.conversations:
                if conversation.id == id:
                    click.echo(explained(auditor, conversation, language), nl=False)
                    return
    raise InputError(f"there is no conversation {id!r}", file=source)
