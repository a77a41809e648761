"""Filling the demo workplace: samples taken in like anybody's data, users everybody knows, their reviews and training.

What the new hires of the story handled moves with their weeks, and so does what is put beside it; the rest of the samples
stays on its days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from qaplatform.cli.foreground import taken_in
from qaplatform.cli.importing import Wanted
from qaplatform.formats.inputs import find_inputs
from qaplatform.formats.options import ReadOptions
from qaplatform.resources import shipped_file
from qaplatform.services.demo_days import Days, days_of_demo, split_off
from qaplatform.services.demo_samples import create_demo_samples, review_new_hires
from qaplatform.services.demo_story import shipped_story
from qaplatform.services.demo_training import play_coached, play_hire, publish_focuses
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
    context, story = str(shipped_file("samples", "context.yaml")), shipped_story()
    staying, moving = split_off(_told("conversations.jsonl"), [one.agent for one in story.hires])
    with store.writing() as session:
        # Before the context is taken over: an account called 店铺:小王 is one of the shop of that name.
        note_shops(session, _SHOP_NAMES, now=now)
        name_shops(session, _SHOP_NAMES)
    url = store.url.render_as_string(hide_password=False)
    wanted = Wanted(url, None, context, 1, ReadOptions(), create_shops=True, origin="samples")
    _take_in({"conversations.jsonl": staying}, wanted)
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
    with store.writing() as session:
        days = days_of_demo(session, story.last_day, now=now)
        publish_focuses(session, story, now=now)
    moved = {"new-hires.jsonl": moving} | {name: _told(name) for name in _OF_THESE_WEEKS}
    _take_in({name: _until(now, days, lines) for name, lines in moved.items()}, wanted)
    for coached in story.coached:
        with store.writing() as session:
            play_coached(session, coached, days, now=now)
    for hire in story.hires:
        with store.writing() as session:
            play_hire(session, story, hire, days, now=now)
    with store.writing() as session:
        review_new_hires(session, [one.user for one in story.hires], now=now)
    count_all(store, now=now)


def _told(name: str) -> list[str]:
    return shipped_file("samples", name).read_text(encoding="utf-8").splitlines()


def _until(now: datetime, days: Days, lines: Sequence[str]) -> list[str]:
    """Conversations on their days in this demo, as far as they are over."""
    return [chat for line in lines if (chat := days.chat(line, until=now)) is not None]


def _take_in(files: Mapping[str, Sequence[str]], wanted: Wanted) -> None:
    """Take in lines of conversations as files of these names."""
    with TemporaryDirectory() as folder:
        for name, lines in files.items():
            Path(folder, name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        for _ in taken_in(find_inputs([folder]), wanted):
            pass
