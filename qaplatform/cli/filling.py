"""Filling the demo workplace: samples taken in like anybody's data, users everybody knows, their reviews and training."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from qaplatform.cli.foreground import taken_in
from qaplatform.cli.importing import Wanted
from qaplatform.formats.inputs import find_inputs
from qaplatform.formats.options import ReadOptions
from qaplatform.resources import shipped_file
from qaplatform.services.demo_days import Days, days_of_demo
from qaplatform.services.demo_samples import create_demo_samples
from qaplatform.services.demo_story import shipped_story
from qaplatform.services.demo_training import play_hire, publish_focuses
from qaplatform.services.demo_users import DemoPlaces, create_demo_users
from qaplatform.services.figure_days import count_all
from qaplatform.store.demo import agent_id_of, name_shops, shop_id_of, team_id_of
from qaplatform.store.engine import Store
from qaplatform.store.shop_names import note_shops

_SHOP_NAMES = {"s1": "禾木家居", "s2": "青柠数码", "s3": "暖橙母婴"}
_AGENT, _SHOP = "a03", "s2"
_TEAMS, _NEW_HIRES = ("家居组", "母婴组"), ("a11", "a04")
_OF_THESE_WEEKS = ("accompanied.jsonl", "compared.jsonl")


def fill_demo(store: Store, folder: Path, now: datetime) -> None:  # noqa: ARG001 - everything lies in the database
    """Fill a demo workplace that holds nothing yet; called again after a crash, it goes on."""
    context = str(shipped_file("samples", "context.yaml"))
    samples = find_inputs([str(shipped_file("samples", "conversations.jsonl"))])
    with store.writing() as session:
        # Before the context is taken over: an account called 店铺:小王 is one of the shop of that name.
        note_shops(session, _SHOP_NAMES, now=now)
        name_shops(session, _SHOP_NAMES)
    url = store.url.render_as_string(hide_password=False)
    wanted = Wanted(url, None, context, 1, ReadOptions(), create_shops=True, origin="samples")
    for _ in taken_in(samples, wanted):
        pass
    with store.writing() as session:
        places = DemoPlaces(
            shop_id_of(session, _SHOP),
            team_id_of(session, _TEAMS[0]),
            agent_id_of(session, _AGENT),
            agent_id_of(session, _NEW_HIRES[0]),
            team_id_of(session, _TEAMS[1]),
            agent_id_of(session, _NEW_HIRES[1]),
        )
        create_demo_users(session, places, now=now)
    with store.writing() as session:
        create_demo_samples(session, now=now)
    # What moves with the new hires' weeks comes after the draws, so that these stay what they are.
    story = shipped_story()
    with store.writing() as session:
        days = days_of_demo(session, story.last_day, now=now)
        publish_focuses(session, story, now=now)
    _take_in_weeks(days, wanted, now=now)
    for hire in story.hires:
        with store.writing() as session:
            play_hire(session, story, hire, days, now=now)
    count_all(store, now=now)


def _take_in_weeks(days: Days, wanted: Wanted, *, now: datetime) -> None:
    """Take in what the two new hires and their colleagues handled, on the days of this demo, as far as it is over."""
    with TemporaryDirectory() as folder:
        for name in _OF_THESE_WEEKS:
            told = shipped_file("samples", name).read_text(encoding="utf-8").splitlines()
            moved = [chat for line in told if (chat := days.chat(line, until=now)) is not None]
            Path(folder, name).write_text("".join(f"{chat}\n" for chat in moved), encoding="utf-8")
        for _ in taken_in(find_inputs([folder]), wanted):
            pass
