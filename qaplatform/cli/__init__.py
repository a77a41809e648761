"""The command line: joins inputs, services and writers, and says what happened."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Mapping

import click

from qaplatform import __version__
from qaplatform.collecting import collect_seldom
from qaplatform.errors import QAPlatformError

COMMANDS: Mapping[str, tuple[str, str]] = {
    "audit": ("audit", "Audit conversations in files, folders, patterns or - (standard input)."),
    "backup": ("backup", "Write your own workplace into one file: all tables and the uploads."),
    "demo": ("demo", "Audit the shipped samples: a summary here, a report to open in a browser."),
    "explain": ("explain", "Say why a conversation got its score: which words, which gate, which limit."),
    "grade": (
        "grade",
        "Have a language model answer the questions of a rubric (or of prompts/), with verified evidence.",
    ),
    "import": ("importing", "Take conversations in: audit and store them, as an upload in the browser would."),
    "reset-password": (
        "reset_password",
        "Give somebody in your own workplace a one-time password; all their sessions end.",
    ),
    "restore": ("backup", "Make your own workplace from a backup, in an empty database of either kind."),
    "risk": ("risk", "Measure the risk that is learned from rulings (风险模型)."),
    "rubric": ("rubric", "Check, test, show and measure rubrics (质检标准)."),
    "scenario": ("scenario", "Look scenarios of the mock-dialogue exam over and play them (模拟场景)."),
    "start": ("start", "Open the workplace: your own if there is one, else the demo."),
    "web": ("serve", "Serve the workplace to browsers; ends with Ctrl-C."),
    "worker": ("worker", "Do background jobs until stopped by Ctrl-C or SIGTERM; the job in hand is then given back."),
}
"""By name: the module of ``cli/`` that has it, and what the list of commands says of it.

A module is loaded when its command is called, and no other: most of a command's time to its first word goes into loading.
"""
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
    """Loads what is called; our own errors end a command with their message and exit code, never with a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"qaplatform.cli.{COMMANDS[cmd_name][0]}")
        of_module = (one for one in vars(module).values() if isinstance(one, click.Command))
        return next(one for one in of_module if one.name == cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in sorted(COMMANDS.items())])

    def invoke(self, ctx: click.Context) -> object:
        collect_seldom()  # Before a command's modules are loaded: nearly all of what they make stays.
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
