"""``qaplatform start``: the workplace in the browser, with its worker, until Ctrl-C."""

from __future__ import annotations

import os
import socket
import sys
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from qaplatform.cli.serve import serving_options
from qaplatform.cli.supervising import Child, Supervisor
from qaplatform.errors import QAPlatformError
from qaplatform.services.workplaces import Workplace, is_ready, needs_nothing, say_ready

_PORT = 8765
_PORTS_TRIED = 40


@dataclass(frozen=True)
class Listen:
    """Where a workplace is served."""

    host: str
    port: int
    how: tuple[str, ...] = ()
    """More arguments of ``qaplatform web``."""

    @property
    def url(self) -> str:
        """For a browser."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}/"

    def answers(self) -> bool:
        """Whether somebody takes calls there."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - a call goes to one address
        try:
            with socket.create_connection((host, self.port), timeout=1):
                return True
        except OSError:
            return False


@dataclass(frozen=True)
class Crew:
    """The workers of a workplace."""

    workers: int
    lease_seconds: int


class NoPortError(QAPlatformError):
    """No free port was found; name one with --port."""

    exit_code = 2


def data_folder() -> Path:
    """Beside a checkout, else in the user's own data folder."""
    named = os.environ.get("QAPLATFORM_DATA")
    if named:
        return Path(named)
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file() and os.access(checkout, os.W_OK):
        return checkout / "data"
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "qaplatform"


def _free_ports(host: str, first: int) -> tuple[int, int]:
    """Two free ports from ``first`` on.

    Raises:
        NoPortError: there are not two among the next ones.
    """
    free = []
    for port in range(first, first + _PORTS_TRIED):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
        free.append(port)
        if len(free) == 2:
            return free[0], free[1]
    raise NoPortError(f"no free port from {first} on; name one with --port")


def _say(text: str) -> None:
    click.echo(text, err=True)


@click.command()
@click.option("--demo", "kind", flag_value="demo", help="The demo workplace, filled with the samples.")
@click.option("--own", "kind", flag_value="own", help="Your own workplace, made on the first call.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Where workplaces lie.")
@click.option(
    "--database", metavar="URL", help="postgresql://USER@HOST/NAME for your own workplace; else an SQLite file."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=int, default=_PORT, show_default=True, help="The first port to try.")
@click.option("--workers", type=click.IntRange(1, 32), default=1, show_default=True, help="Processes that do the jobs.")
@serving_options
@click.option("--lease-seconds", type=int, default=60, hidden=True, help="Of the workers.")
@click.option("--browser/--no-browser", default=None, help="Open a browser (default: at a terminal with a screen).")
def start(
    kind: str | None,
    data: Path | None,
    database: str | None,
    host: str,
    port: int,
    workers: int,
    lease_seconds: int,
    *,
    browser: bool | None,
    **serving: Any,
) -> None:
    """Open the workplace: your own if there is one, else the demo."""
    folder = data or data_folder()
    own = Workplace.at("own", folder / "own", database)
    demo = Workplace.at("demo", folder / "demo")
    chosen = own if kind == "own" or (kind is None and (database or own.exists)) else demo
    port, own_port = _free_ports(host, port)
    if not needs_nothing(chosen):
        _make_ready(chosen)
    how = _as_arguments(**serving)
    here, beside = Listen(host, port, how), Listen(host, own_port, how)
    crew = Crew(workers, lease_seconds)
    supervisor = Supervisor(_children(chosen, here, crew, (own, beside.url) if chosen is demo else None), _say)
    said = _Said(here, chosen, opens=browser if browser is not None else _has_screen())
    beside_it = _OwnBeside(own, beside, crew) if chosen is demo else None

    def every_step(running: Supervisor) -> None:
        said()
        if beside_it is not None:
            beside_it(running)

    _say("正在启动…… / Starting …")
    supervisor.every_step = every_step
    supervisor.run()


def _as_arguments(*, https: bool, proxies: int, upload_limit: int) -> tuple[str, ...]:
    return (*(["--https"] if https else []), "--proxies", str(proxies), "--upload-limit", str(upload_limit))


def _make_ready(place: Workplace) -> None:
    """Make a workplace, or take it to this release's form; the first admin's password is shown here and never again."""
    from qaplatform.cli.filling import fill_demo
    from qaplatform.clock import now
    from qaplatform.services.preparing import prepare
    from qaplatform.services.users import ensure_first_admin

    is_demo = place.kind == "demo"
    if is_demo and not place.exists:
        _say("正在建立演示工作台（只此一次，约半分钟）…… / Making the demo workplace (once, half a minute) …")
    store = prepare(place, now(), fill_demo if is_demo else None)
    if not is_demo:
        with store.writing() as session:
            first = ensure_first_admin(session, now())
        if first:
            _say(
                f"\n  管理员 / admin:  {first[0]}\n  一次性密码 / one-time password:  {first[1]}   （只显示这一次 / shown only once）\n"
            )
    store.close()
    say_ready(place)


def _has_screen() -> bool:
    screen = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) or sys.platform in {"darwin", "win32"}
    return screen and sys.stdout.isatty()


def _children(place: Workplace, listen: Listen, crew: Crew, other: tuple[Workplace, str] | None) -> list[Child]:
    web = ["web", "--database", place.database, "--data", str(place.folder)]
    web += ["--host", listen.host, "--port", str(listen.port), "--quiet", *(["--demo"] if place.kind == "demo" else [])]
    web += listen.how
    if other is not None:
        web += ["--own-data", str(other[0].folder), "--own-address", other[1]]
    worker = ["worker", "--database", place.database, "--lease-seconds", str(crew.lease_seconds), "--quiet"]
    names = [f"{place.kind} worker {number}" for number in range(1, crew.workers + 1)]
    return [Child(f"{place.kind} web", web), *(Child(name, worker) for name in names)]


class _Said:
    """Says where the workplace is and how to get in, and opens a browser, as soon as somebody answers there."""

    def __init__(self, listen: Listen, place: Workplace, *, opens: bool) -> None:
        self._listen, self._place, self._opens = listen, place, opens
        self._is_said = False

    def __call__(self) -> None:
        if self._is_said or not self._listen.answers():
            return
        self._is_said = True
        _say(f"\n  质检平台 / Workplace:      {self._listen.url}")
        if self._place.kind == "demo":
            # Loaded beside the first page, not before it.
            from qaplatform.services.demo_users import DEMO_USERS

            one = DEMO_USERS[0]
            _say(f"  演示账号 / Demo login:     {one.login}   密码 / password: {one.password}")
            _say("                             （其他角色见登录页 / other roles are on the sign-in page）")
        else:
            _say("  忘记密码 / Lost password:  ./run reset-password LOGIN")
        _say("  结束 / To end it:          Ctrl-C\n")
        if self._opens:
            webbrowser.open(self._listen.url)


class _OwnBeside:
    """Starts one's own workplace beside the demo, as soon as somebody has made it there."""

    def __init__(self, own: Workplace, listen: Listen, crew: Crew) -> None:
        self._own, self._listen, self._crew = own, listen, crew
        self._running = False

    def __call__(self, supervisor: Supervisor) -> None:
        if not self._running and is_ready(self._own):
            self._running = True
            supervisor.children += _children(self._own, self._listen, self._crew, None)
