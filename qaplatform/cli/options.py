"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from qaplatform.audit.conversation import Role
from qaplatform.errors import InputError
from qaplatform.formats.options import ReadOptions
from qaplatform.services.rubrics import DEFAULT_RUBRIC

_ROLES: dict[str, Role] = {"customer": "customer", "agent": "agent", "bot": "bot", "system": "system"}

rubric_option = click.option(
    "--rubric", "rubric_name", default=DEFAULT_RUBRIC, show_default=True, metavar="NAME|PATH",
    help="A shipped rubric or a rubric file.",
)  # fmt: skip
context_option = click.option(
    "--context", "context_path", metavar="FILE", help="Calendar, roster, agents, return addresses (YAML)."
)
language_option = click.option(
    "--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True, envvar="QAPLATFORM_LANGUAGE",
    help="Language of what is written for people.",
)  # fmt: skip


_SHOP = click.option("--shop", metavar="NAME", help="The shop's own name in copied chats.")
_READING_OPTIONS = (
    click.option(
        "--kind", type=click.Choice(["jsonl", "table", "chat"]), help="What the files are, if the guess is wrong."
    ),
    click.option(
        "--column", multiple=True, metavar="FIELD=NAME",
        help="Column of a field in tables, e.g. text=内容; may be repeated.",
    ),
    click.option(
        "--role", multiple=True, metavar="WORD=ROLE", help="What a role word means, e.g. 店长=agent; may be repeated."
    ),
    click.option(
        "--agent-name", multiple=True, metavar="PATTERN",
        help="Names of agents (* stands for anything); may be repeated.",
    ),
    _SHOP,
    click.option("--split-gap-seconds", type=float, metavar="S", help="Cut endless threads at silences this long."),
    click.option("--zone", default="Asia/Shanghai", show_default=True, help="Zone of times written without one."),
    click.option("--encoding", metavar="NAME", help="Encoding of the files, if the guess is wrong."),
    click.option("--delimiter", metavar="CHAR", help="Delimiter of CSV files, if the guess is wrong."),
    click.option("--sheet", metavar="NAME", help="Sheet of a workbook; the first one with messages otherwise."),
)  # fmt: skip


def reading_options(function: Callable[..., Any], *, shop: bool = True) -> Callable[..., Any]:
    """How input files are to be read; the command gets a :class:`ReadOptions` as ``reading``.

    Without ``shop``, the option of that name is the command's own.
    """

    def with_reading(**values: Any) -> Any:
        reading = ReadOptions(
            kind=values.pop("kind"),
            zone=values.pop("zone"),
            encoding=values.pop("encoding"),
            delimiter=values.pop("delimiter"),
            sheet=values.pop("sheet"),
            columns=dict(_pair(text, "--column") for text in values.pop("column")),
            roles={word: _role(role) for word, role in (_pair(text, "--role") for text in values.pop("role"))},
            agent_names=tuple(values.pop("agent_name")),
            shop=values.pop("shop") if shop else None,
            split_gap_seconds=values.pop("split_gap_seconds"),
        )
        return function(reading=reading, **values)

    with_reading.__doc__ = function.__doc__
    with_reading.__name__ = function.__name__
    decorated = with_reading
    for option in reversed(_READING_OPTIONS):
        if shop or option is not _SHOP:
            decorated = option(decorated)
    return decorated


def _pair(text: str, option: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name or not value:
        raise InputError(f"{text!r} has not the form NAME=VALUE", field=option)
    return name, value


def _role(text: str) -> Role:
    role = _ROLES.get(text)
    if role is None:
        raise InputError(f"{text!r} is no role", field="--role", way_out=f"roles: {', '.join(_ROLES)}")
    return role
