"""People in the exam room, and what they write there: a dialogue that passes, and single replies that spoil it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from qaplatform.exam.scenario import Scenario
from qaplatform.exam.scenario_loading import shipped_scenarios
from qaplatform.services.access import Grant, Viewer
from qaplatform.services.training import exam_room
from qaplatform.services.training.exam_room import Room, Sent, SittingWanted
from qaplatform.store.engine import Store
from qaplatform.store.tables import ExamDialogue, ExamSitting
from tests.copies import fill_once
from tests.filled import fill_people

NOW = datetime(2026, 11, 27, 1, tzinfo=UTC)
LEAD = Viewer(2, "lead", grants=(Grant("qa_lead"),))
TEAM_LEAD = Viewer(4, "teamlead", grants=(Grant("team_lead", team_id=1),))
MENTOR = Viewer(6, "mentor", grants=(Grant("mentor", team_id=2),))
"""Of the other team."""
NEW_HIRE = Viewer(8, "newhire", agent_id=4, grants=(Grant("new_hire"),))
"""Of team 1."""
SCENARIO = "wrong-parcel"
KIND = "wrong-goods"
SEED = 3
DONE = 150
"""By this second of the good dialogue everything is said."""
GOOD = (
    (22, "您好，我是云朵母婴的客服小云。等着冲奶却收到一箱别的东西，您着急我特别理解，实在对不起。"),
    (30, "麻烦您把订单号告诉我，顺便拍一下面单和箱子里的东西。"),
    (62, "查清楚了，是仓库贴错了单子，抱歉让您担心。我从同城仓给您补发奶粉，明天中午12点前送到。"),
    (86, "错的那件不用您寄，快递员明天送奶粉时一起取走，运费我们出。"),
    (108, "补发已经提交。请问还有别的可以帮您吗？"),
)
BANNED = "您好，催什么催，自己不会看吗？"
VAGUE = "尽快给您处理，稍后答复您。"
LURE = "加我微信给您处理吧"
UNREAD = "呜啦呜啦哇哩哇哩嘎"
Texts = tuple[tuple[int, str], ...]


def instead(number: int, text: str, texts: Texts = GOOD) -> Texts:
    """The good dialogue with another reply in one place."""
    return tuple((at, text if place == number else words) for place, (at, words) in enumerate(texts))


def scenario() -> Scenario:
    return shipped_scenarios()[SCENARIO]


def with_people(store: Store) -> Store:
    """The database with shops, teams, agents and a user of every role."""
    fill_once(store, _fill)
    return store


def _fill(store: Store) -> None:
    with store.writing() as session:
        fill_people(session, NOW)


def at(second: float) -> datetime:
    return NOW + timedelta(seconds=second)


def begun(
    store: Store, viewer: Viewer = NEW_HIRE, wanted: SittingWanted | None = None, *, second: float = 0, seed: int = SEED
) -> int:
    with store.writing() as session:
        return exam_room.begin(session, viewer, wanted or SittingWanted(kind=KIND), now=at(second), seed=seed)


def seen(store: Store, sitting_id: int, second: float, viewer: Viewer = NEW_HIRE) -> Room:
    with store.reading() as session:
        return exam_room.room(session, viewer, sitting_id, now=at(second))


def only_dialogue(store: Store, sitting_id: int, viewer: Viewer = NEW_HIRE) -> int:
    return seen(store, sitting_id, 0, viewer).dialogues[0].id


def write(
    store: Store, dialogue_id: int, text: str, second: float, *, key: str | None = None, viewer: Viewer = NEW_HIRE
) -> Sent:
    with store.writing() as session:
        return exam_room.write(
            session, viewer, dialogue_id, text, key or f"k{second}".replace(".", "-"), now=at(second)
        )


def held(
    store: Store,
    texts: Iterable[tuple[int, str]] = GOOD,
    *,
    viewer: Viewer = NEW_HIRE,
    wanted: SittingWanted | None = None,
    begins: float = 0,
    seed: int = SEED,
    until: int = DONE,
) -> int:
    """A whole dialogue that the candidate ends at ``until``; its id."""
    sitting_id = begun(store, viewer, wanted, second=begins, seed=seed)
    dialogue_id = only_dialogue(store, sitting_id, viewer)
    for second, text in texts:
        write(store, dialogue_id, text, begins + second, viewer=viewer)
    with store.writing() as session:
        exam_room.hang_up(session, viewer, dialogue_id, now=at(begins + until))
    return dialogue_id


def row(store: Store, dialogue_id: int) -> ExamDialogue:
    with store.reading() as session:
        return session.get_one(ExamDialogue, dialogue_id)


def sitting_row(store: Store, sitting_id: int) -> ExamSitting:
    with store.reading() as session:
        return session.get_one(ExamSitting, sitting_id)
