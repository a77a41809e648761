"""Scenarios at the author's desk: the list, one with its versions, drafts, publishing, taking back.

Versions append (``LearningText``); the newest draft is what is being written, the newest other one stands. What was made of a
real chat and never stood is there for those who may see that chat: nobody has looked for real people in it yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.phrases import Words
from qaplatform.audit.problem import Report
from qaplatform.audit.yaml_source import Pairs, Scalar, compose
from qaplatform.exam.scenario_loading import shipped_scenarios
from qaplatform.resources import shipped_folder
from qaplatform.services.access import Viewer
from qaplatform.services.training.catalogue import scenarios_now
from qaplatform.services.training.draft_dropping import drop_text_draft
from qaplatform.services.training.scenario_checking import CheckedScenario, checked_scenario, readiness
from qaplatform.services.training.scenario_faults import (
    RealPersonError,
    ScenarioMovedOnError,
    ScenarioNotReadyError,
    ScenarioSameError,
    ScenarioTakenError,
    UnknownScenarioError,
)
from qaplatform.services.training.texts import Writing, write_text
from qaplatform.store.listed_rows import within
from qaplatform.store.training import scenarios as stored
from qaplatform.store.training.scenarios import Taken
from qaplatform.store.training.texts import StoredText, newest_texts, standing_texts, versions_of

EDIT, PUBLISH = "training.edit", "training.publish"
Origin = Literal["shipped", "changed", "own"]
State = Literal["standing", "withdrawn", "unborn"]
"""``unborn``: there are only drafts of it."""
_KIND: Literal["scenario"] = "scenario"


class ScenarioFilter(msgspec.Struct, frozen=True):
    """What is looked for; empty: everything."""

    text: str = ""
    kind: str = ""
    level: str = ""
    language: str = ""
    origin: str = ""
    state: str = ""
    """``draft``: with a draft; otherwise a :data:`State`."""


class ScenarioLine(msgspec.Struct, frozen=True):
    """A scenario in the list."""

    code: str
    title: Words
    kind: str
    level: str
    language: str
    origin: Origin
    state: State
    has_draft: bool
    from_chat: bool
    taken: Taken
    changed_at: datetime | None
    changed_by: str | None

    def fits(self, wanted: ScenarioFilter) -> bool:
        """Whether it is looked for."""
        words = wanted.text.strip().lower()
        return (
            (not words or any(words in one.lower() for one in (self.code, self.title.zh, self.title.en)))
            and wanted.kind in ("", self.kind)
            and wanted.level in ("", self.level)
            and wanted.language in ("", self.language)
            and wanted.origin in ("", self.origin)
            and (wanted.state in ("", self.state) or (wanted.state == "draft" and self.has_draft))
        )


class ScenarioSeen(msgspec.Struct, frozen=True):
    """One scenario, as its author sees it."""

    code: str
    text: str
    """What is being written: the draft where there is one, else what stands."""
    checked: CheckedScenario
    title: Words
    origin: Origin
    state: State
    draft: StoredText | None
    standing_text: str
    """Empty where nothing stands."""
    versions: tuple[StoredText, ...]
    """The newest first."""
    names: dict[int, str]
    """Who wrote them, by id."""
    taken: Taken
    conversation_id: int | None
    """The real chat its draft was made from."""

    @property
    def version(self) -> int:
        """What somebody has seen who sees this; a later one means that it moved on."""
        return self.versions[0].id if self.versions else 0


def scenario_lines(session: Session, viewer: Viewer, wanted: ScenarioFilter) -> tuple[list[ScenarioLine], list[str]]:
    """The scenarios that are looked for, by id, and the kinds of all there are.

    Raises:
        AccessError: the viewer writes nothing.
    """
    viewer.demand(EDIT)
    newest = {one.code: one for one in newest_texts(session, _KIND)}
    standing = {one.code: one for one in standing_texts(session, _KIND)}
    now, shipped, taken = scenarios_now(session), shipped_scenarios(), stored.taken_scenarios(session)
    names = stored.names_of(session, {one.user_id for one in newest.values()})
    closed = _closed_chats(session, viewer, newest.values())
    hidden = {code for code, one in newest.items() if one.conversation_id in closed and code not in standing}
    lines = []
    for code in sorted({*shipped, *newest} - hidden):
        last, stands = newest.get(code), standing.get(code)
        scenario = now.get(code) or (checked_scenario(code, last.text).scenario if last else None)
        scenario = scenario or shipped.get(code)
        lines.append(
            ScenarioLine(
                code=code,
                title=scenario.title if scenario else _title_in(last.text if last else "", code),
                kind=scenario.kind if scenario else "",
                level=scenario.level if scenario else "",
                language=scenario.language if scenario else "",
                origin=_origin(code, stands),
                state=_state(code, stands),
                has_draft=last is not None and last.state == "draft",
                from_chat=last is not None and last.conversation_id is not None,
                taken=taken.get(code, Taken()),
                changed_at=last.created_at if last else None,
                changed_by=names.get(last.user_id) if last else None,
            )
        )
    return [one for one in lines if one.fits(wanted)], sorted({one.kind for one in lines if one.kind})


def scenario_seen(session: Session, viewer: Viewer, code: str) -> ScenarioSeen:
    """One of them.

    Raises:
        AccessError: the viewer writes nothing.
        UnknownScenarioError: there is none, or it was made of a chat they may not see and never stood.
    """
    viewer.demand(EDIT)
    versions = versions_of(session, _KIND, code)
    shipped = shipped_scenarios().get(code)
    if not versions and shipped is None:
        raise UnknownScenarioError
    draft = versions[0] if versions and versions[0].state == "draft" else None
    stands = next((one for one in versions if one.state != "draft"), None)
    if stands is None and _closed_chats(session, viewer, versions):
        raise UnknownScenarioError
    standing_text = stands.text if stands else shipped_text(code)
    text = draft.text if draft else standing_text
    if not text:
        # Taken back: what is shown is what stood last.
        text = next((one.text for one in versions if one.text), shipped_text(code))
    checked = checked_scenario(code, text)
    return ScenarioSeen(
        code=code,
        text=text,
        checked=checked,
        title=checked.scenario.title if checked.scenario else _title_in(text, code),
        origin=_origin(code, stands),
        state=_state(code, stands),
        draft=draft,
        standing_text=standing_text,
        versions=tuple(versions),
        names=stored.names_of(session, {one.user_id for one in versions}),
        taken=stored.taken_scenarios(session).get(code, Taken()),
        conversation_id=next((one.conversation_id for one in versions if one.conversation_id is not None), None),
    )


def shipped_text(code: str) -> str:
    """The text that came with the program; empty where none did."""
    if code not in shipped_scenarios():
        return ""
    return (shipped_folder("scenarios") / f"{code}.yaml").read_text(encoding="utf-8")


def save_draft(session: Session, viewer: Viewer, code: str, text: str, *, seen_version: int, now: datetime) -> int:
    """Save what is being written; its id.

    Raises:
        AccessError, UnknownScenarioError, TextTooLongError: it cannot be.
        ScenarioMovedOnError: somebody else has saved since.
    """
    seen = _unmoved(session, viewer, code, seen_version)
    if seen.draft is not None and seen.draft.text == text:
        return seen.draft.id
    return _write(session, viewer, seen, text, "draft", now)


def draft_from(session: Session, viewer: Viewer, code: str, version_id: int, *, now: datetime) -> int:
    """Go on from an old version, or from the shipped text (0); the draft's id.

    Raises:
        AccessError: the viewer writes nothing.
        UnknownScenarioError: there is no such scenario or version, or it holds nothing.
    """
    seen = scenario_seen(session, viewer, code)
    text = shipped_text(code)
    if version_id:
        text = next((one.text for one in seen.versions if one.id == version_id), "")
    if not text:
        raise UnknownScenarioError
    return _write(session, viewer, seen, text, "draft", now)


def drop_draft(session: Session, viewer: Viewer, code: str, *, seen_id: int, now: datetime) -> bool:
    """Put the draft aside for good; whether anything of the scenario is left.

    Raises:
        AccessError, UnknownScenarioError: as in saving.
        NotThereError: there is no draft.
        DraftMovedOnError: somebody has saved since.
        TextInUseError: it was never published, and others refer to it.
    """
    scenario_seen(session, viewer, code)
    is_shipped = code in shipped_scenarios()
    return drop_text_draft(session, viewer, _KIND, code, seen_id=seen_id, is_elsewhere=is_shipped, now=now)


def copy_scenario(session: Session, viewer: Viewer, code: str, new_code: str, *, now: datetime) -> int:
    """Begin a new scenario with a copy of another one under an id of its own; the draft's id.

    Raises:
        AccessError, UnknownScenarioError, TextCodeError: it cannot be.
        ScenarioTakenError: the id is in use.
    """
    seen = scenario_seen(session, viewer, code)
    if new_code in shipped_scenarios() or versions_of(session, _KIND, new_code):
        raise ScenarioTakenError
    text = with_id(seen.text, new_code)
    writing = Writing(kind=_KIND, code=new_code, text=text, conversation_id=seen.conversation_id)
    return write_text(session, viewer, writing, state="draft", now=now)


def publish_scenario(
    session: Session, viewer: Viewer, code: str, *, seen_version: int, is_invented: bool, now: datetime
) -> int:
    """Let the draft stand: it is drawn in exams from now on; the version's id.

    Args:
        session: A writing transaction. Ask :func:`readiness` before it in one that reads: what takes time is kept then.
        viewer: Who publishes.
        code: Which.
        seen_version: What they have seen.
        is_invented: They say that nothing of a real person is in it; asked for where it was made of a real chat.
        now: The time.

    Raises:
        AccessError, UnknownScenarioError, ScenarioMovedOnError: as in saving.
        ScenarioSameError: nothing is different from what stands.
        ScenarioNotReadyError: it is not finished.
        RealPersonError: nobody has looked for real people in it.
    """
    viewer.demand(PUBLISH)
    seen = _unmoved(session, viewer, code, seen_version)
    if seen.draft is None or seen.draft.text == seen.standing_text:
        raise ScenarioSameError
    if seen.conversation_id is not None and not is_invented:
        raise RealPersonError
    if not readiness(session, code, seen.draft.text, now).is_ready:
        raise ScenarioNotReadyError
    return _write(session, viewer, seen, seen.draft.text, "published", now)


def withdraw_scenario(session: Session, viewer: Viewer, code: str, *, seen_version: int, now: datetime) -> int:
    """Take a scenario back: it is drawn no more; exams that were taken stay as they are.

    Raises:
        AccessError, UnknownScenarioError, ScenarioMovedOnError: as in saving.
        ScenarioSameError: it does not stand.
    """
    viewer.demand(PUBLISH)
    seen = _unmoved(session, viewer, code, seen_version)
    if seen.state != "standing":
        raise ScenarioSameError
    return _write(session, viewer, seen, "", "withdrawn", now)


def with_id(text: str, code: str) -> str:
    """A scenario's text under another id; comments and layout stay."""
    root = compose("", text, Report())
    for key, value in root.pairs if isinstance(root, Pairs) else ():
        if key.value == "id" and isinstance(value, Scalar):
            lines = text.splitlines(keepends=True)
            line, begin = lines[value.mark.line - 1], value.mark.column - 1
            end = begin + len(value.value) + (0 if value.plain else 2)
            lines[value.mark.line - 1] = line[:begin] + code + line[end:]
            return "".join(lines)
    return f"id: {code}\n{text}"


def _closed_chats(session: Session, viewer: Viewer, texts: Iterable[StoredText]) -> frozenset[int]:
    """The real chats behind texts that whoever asks may not see."""
    scope = viewer.scope("conversations.see")
    ids = {one.conversation_id for one in texts if one.conversation_id is not None}
    return frozenset(ids - within(session, ids, scope)) if ids and not scope.everything else frozenset()


def _unmoved(session: Session, viewer: Viewer, code: str, seen_version: int) -> ScenarioSeen:
    seen = scenario_seen(session, viewer, code)
    if seen.version != seen_version:
        raise ScenarioMovedOnError
    return seen


def _write(
    session: Session,
    viewer: Viewer,
    seen: ScenarioSeen,
    text: str,
    state: Literal["draft", "published", "withdrawn"],
    now: datetime,
) -> int:
    writing = Writing(kind=_KIND, code=seen.code, text=text, conversation_id=seen.conversation_id)
    return write_text(session, viewer, writing, state=state, now=now)


def _origin(code: str, stands: StoredText | None) -> Origin:
    if code not in shipped_scenarios():
        return "own"
    return "changed" if stands is not None and stands.text != shipped_text(code) else "shipped"


def _state(code: str, stands: StoredText | None) -> State:
    if stands is not None:
        return "withdrawn" if stands.state == "withdrawn" else "standing"
    return "standing" if code in shipped_scenarios() else "unborn"


def _title_in(text: str, code: str) -> Words:
    """The title of a text that cannot be read as a scenario; its id where it has none."""
    root = compose("", text, Report()) if text else None
    for key, value in root.pairs if isinstance(root, Pairs) else ():
        if key.value == "title" and isinstance(value, Pairs):
            words = {name.value: one.value for name, one in value.pairs if isinstance(one, Scalar)}
            return Words(zh=words.get("zh", code), en=words.get("en", code))
    return Words(zh=code, en=code)
