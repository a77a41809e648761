"""``qaplatform reset-password``: a new one-time password, for whoever has access to the machine."""

from __future__ import annotations

from pathlib import Path

import click

from qaplatform.errors import QAPlatformError


class NoSuchLoginError(QAPlatformError):
    """Nobody has that login."""

    exit_code = 2


@click.command("reset-password")
@click.argument("login")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Where workplaces lie.")
@click.option(
    "--database", metavar="URL", envvar="QAPLATFORM_DATABASE", help="Of your own workplace, if it is elsewhere."
)
def reset_password(login: str, data: Path | None, database: str | None) -> None:
    """Give somebody in your own workplace a one-time password; all their sessions end."""
    from qaplatform.cli.start import data_folder
    from qaplatform.clock import now
    from qaplatform.services.preparing import prepare
    from qaplatform.services.signing_in import folded_login
    from qaplatform.services.users import reset_password as reset
    from qaplatform.services.workplaces import Workplace
    from qaplatform.store.users import user_of

    store = prepare(Workplace.at("own", (data or data_folder()) / "own", database), now())
    with store.writing() as session:
        user = user_of(session, folded_login(login))
        if user is None:
            raise NoSuchLoginError(f"nobody has the login {login!r}")
        given = reset(session, user.id, by=None, now=now())
    store.close()
    click.echo(f"{given.login}: {given.password}")
