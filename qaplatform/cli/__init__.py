"""The command line: joins inputs, services and writers, and says what happened."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Mapping

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

_FULL = "the disk is full; free some space and try again"
_DENIED = "no permission to write there; name another place, or have it given to this user"
_SYSTEM: Mapping[int, str] = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EIO: "the disk cannot be read or written; look after it and try again",
    errno.EROFS: "this disk can only be read; name another place",
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
}
"""What the system says where no command has said it in words of its own."""


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
        except OSError as error:
            said = _SYSTEM.get(error.errno or 0)
            if said is None:
                raise
            _let_go_of_output()
            click.echo(f"{error.filename or 'output'}: {said}", err=True)
            ctx.exit(1)


def _let_go_of_output() -> None:
    """What could not be written is not tried again when the program ends."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="qaplatform")
def main() -> None:
    """Quality inspection for customer-service conversations (客服会话质检)."""


for command in (audit, import_, explain, rubric, demo, start, reset_password, web, worker, backup, restore):
    main.add_command(command)
