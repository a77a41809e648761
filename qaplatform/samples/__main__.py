"""``python -m qaplatform.samples``: builds the three files of conversations from the written dialogues."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import msgspec

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.problem import SourceError
from qaplatform.samples.building import Stretch, build_samples, build_stretch
from qaplatform.samples.world import load_world, load_written

SEED = 2026
NEW_HIRES = ("a04", "a11")
EXPERIENCED = ("a01", "a02", "a03", "a09", "a10", "a12")
"""Of the new hires' shops."""
FIRST_WEEKS = (date(2026, 10, 12), date(2026, 10, 30))
"""When new hires take five chats a day beside their mentors."""
_UNTIL = date(2026, 11, 6)
_STILL_MISSED = frozenset({"response_time", "closing_check"})
"""What new hires learn last."""
_NEVER = dict.fromkeys(("zh-a-005", "zh-a-018", "zh-a-059", "zh-b-027", "zh-b-031", "zh-b-032"), 0.0)
"""What hardly any colleague handles: new hires' figures would stand beside nothing."""
ACCOMPANIED = (
    Stretch(
        agents=NEW_HIRES,
        days=(FIRST_WEEKS[0], date(2026, 10, 16)),
        count=46,
        first_number=6,
        faulty=8,
        often=_NEVER,
    ),
    Stretch(
        agents=NEW_HIRES,
        days=(date(2026, 10, 19), date(2026, 10, 23)),
        count=44,
        first_number=46,
        mistakes=_STILL_MISSED | {"asked_twice", "concrete_promise", "empathy_first", "transfer_handling"},
        often=_NEVER,
        hurry=1.05,
    ),
    Stretch(
        agents=NEW_HIRES,
        days=(date(2026, 10, 26), FIRST_WEEKS[1]),
        count=40,
        first_number=51,
        mistakes=_STILL_MISSED | {"banned_phrase"},
        often=_NEVER,
        hurry=1.1,
    ),
)
"""Week by week they miss less. Their numbers are other than those of the samples and of the stretches below."""
COACHED_ON = date(2026, 10, 19)
"""When two experienced people did the drills of what they had been coached in: 先安抚后解决 (``training.yaml``)."""
COACHED = ("a02", "a12")
_OFTEN = {
    "zh-a-013": 4.0, "zh-b-028": 4.0, "zh-a-015": 4.0, "zh-a-062": 4.0, "zh-a-064": 4.0,
    "zh-a-020": 20.0, "zh-a-044": 8.0, "zh-a-052": 30.0, "zh-a-063": 8.0,
}  # fmt: skip
"""So that of what new hires handle every week, their colleagues handle enough to be put beside it."""
_TO_BE_COACHED = {"zh-a-002": 9.0, "zh-c-037": 9.0} | dict.fromkeys(
    ("zh-b-030", "zh-c-001", "zh-c-006", "zh-c-011", "zh-c-014", "zh-c-018", "zh-c-021", "zh-c-023", "zh-c-026",
     "zh-c-028"), 0.0,
)  # fmt: skip
"""What their mentors speak of comes, and nothing they soothe as well as they do once they were coached."""
_COACHED = _OFTEN | {"zh-a-046": 0.0, "zh-b-021": 0.0}
"""What goes wrong in these is not what they were written to show."""


def _colleagues(agents: Collection[str], days: tuple[date, date], count: int, first_number: int) -> Stretch:
    are_coached, is_later = set(agents) == set(COACHED), days[0] > COACHED_ON
    often = (_COACHED if is_later else _TO_BE_COACHED) if are_coached else _OFTEN
    return Stretch(
        agents=agents,
        days=days,
        count=count,
        first_number=first_number,
        most_uses=30,
        faulty=8.0 if are_coached and not is_later else 0.25,
        learnt=frozenset({"empathy_first"}) if are_coached and is_later else frozenset(),
        often=often,
        ordinary=True,
    )


_OTHERS = tuple(one for one in EXPERIENCED if one not in COACHED)
COLLEAGUES = (
    _colleagues(_OTHERS, (date(2026, 10, 8), COACHED_ON), 180, 11),
    _colleagues(COACHED, (date(2026, 10, 8), COACHED_ON), 80, 206),
    _colleagues(_OTHERS, (date(2026, 10, 20), date(2026, 11, 1)), 180, 56),
    _colleagues(COACHED, (date(2026, 10, 20), date(2026, 11, 1)), 80, 86),
    _colleagues(_OTHERS, (date(2026, 11, 2), _UNTIL), 100, 116),
    _colleagues(COACHED, (date(2026, 11, 2), _UNTIL), 60, 146),
)
"""In weeks: who was coached misses less after that."""
_OVER_HOURS = ("zh-a-003", "zh-a-061", "zh-c-003")
"""The customer comes back after hours: a few of them in a week say nothing of how quick somebody is."""
ALONE = Stretch(
    agents=NEW_HIRES,
    days=(date(2026, 10, 31), _UNTIL),
    count=66,
    first_number=176,
    most_uses=8,
    mistakes=_STILL_MISSED,
    often=_NEVER | dict.fromkeys(("zh-b-003", "zh-b-028", *_OVER_HOURS), 0.0),
    hurry=1.15,
    ordinary=True,
)
"""The week after: new hires on their own, who have learnt."""


class Built(NamedTuple):
    """All that is built."""

    samples: list[Conversation]
    accompanied: list[Conversation]
    """What new hires handle beside their mentors."""
    compared: list[Conversation]
    """What experienced colleagues handle in the same weeks, and the new hires after these."""


def read_and_build(folder: Path, *, seed: int = SEED, count: int = 400) -> Built:
    """The samples of a folder that holds ``world.yaml``, ``context.yaml`` and ``written/*.yaml``.

    Raises:
        SourceError: a file has mistakes.
        OSError: a file cannot be read.
    """
    world, context = folder / "world.yaml", folder / "context.yaml"
    known = load_world(
        (world.name, world.read_text(encoding="utf-8")), (context.name, context.read_text(encoding="utf-8"))
    )
    files = sorted((folder / "written").glob("*.yaml"))
    written = load_written((f"written/{file.name}", file.read_text(encoding="utf-8")) for file in files)
    samples = build_samples(written, known, seed=seed, count=count)
    accompanied: list[Conversation] = []
    for one in ACCOMPANIED:
        accompanied += build_stretch(written, known, one, seed=seed, beside=(*samples, *accompanied))
    compared: list[Conversation] = []
    for one in (*COLLEAGUES, ALONE):
        compared += build_stretch(written, known, one, seed=seed, beside=(*samples, *accompanied, *compared))
    return Built(samples, *(sorted(some, key=_by_beginning) for some in (accompanied, compared)))


def _by_beginning(one: Conversation) -> tuple[str, str]:
    return one.messages[0].sent_at or "", one.id


def lines(conversations: Sequence[Conversation]) -> bytes:
    """Conversation JSONL."""
    return b"".join(msgspec.json.encode(one) + b"\n" for one in conversations)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build and write; 0, or 2 when the files cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m qaplatform.samples", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("samples"), help="where the YAML files are (samples)")
    parser.add_argument("--out", type=Path, help="the file to write (FOLDER/conversations.jsonl)")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--count", type=int, default=400)
    given = parser.parse_args(arguments)
    out: Path = given.out or given.folder / "conversations.jsonl"
    try:
        built = read_and_build(given.folder, seed=given.seed, count=given.count)
        out.write_bytes(lines(built.samples))
        for name in ("accompanied", "compared"):
            out.with_name(f"{name}.jsonl").write_bytes(lines(getattr(built, name)))
    except (SourceError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(
        f"{len(built.samples)} conversations → {out}, {len(built.accompanied) + len(built.compared)} beside them\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
