"""The command line: joins inputs, services and writers, and says what happened."""

from __future__ import annotations

import sys

import click

from qaplatform import __version__
from qaplatform.cli.audit import audit
from qaplatform.cli.backup import backup, restore
from qaplatform.cli.demo import demo
from qaplatform.cli.explain import explain
from qaplatform.cli.importing import import_
from qaplatform.cli.reset_password import reset_password
from qaplatform.cli.rubric import rubric
from qaplatform.cli.serve import web
from qaplatform.cli.start import start
from qaplatform.cli.worker import worker
from qaplatform.errors import QAPlatformError


class _Commands(click.Group):
    """Our own errors end a command with their message and exit code, never with a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            sys.stderr.close()
            ctx.exit(0)
        except QAPlatformError as error:
            click.echo(str(error), err=True)
            ctx.exit(error.exit_code)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="qaplatform")
def main() -> None:
    """Quality inspection for customer-service conversations (客服会话质检)."""


for command in (audit, import_, explain, rubric, demo, start, reset_password, web, worker, backup, restore):
    main.add_command(command)
