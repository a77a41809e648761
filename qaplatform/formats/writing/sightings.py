"""What was observed in a conversation, in words, message by message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from qaplatform.audit.finding import Episode, Observations, Promise, Transfer
from qaplatform.formats.writing.wording import Wording

Tone = Literal["good", "bad", "plain"]


class Sighting(NamedTuple):
    """One thing that was seen in a message; ``kind`` is the name of its list among the observations."""

    kind: str
    message: int
    text: str
    tone: Tone


def sightings(seen: Observations, wording: Wording) -> Iterator[Sighting]:
    """Episodes, promises, transfers, the closing check, and questions that nobody answered."""
    words = wording.chrome
    for episode in seen.episodes:
        tone: Tone = "good" if episode.verdict == "first" else "bad"
        yield Sighting("episodes", episode.message, _episode(episode, wording), tone)
    for promise in seen.promises:
        tone = "bad" if not promise.concrete or promise.kept is False else "good"
        yield Sighting("promises", promise.message, _promise(promise, wording), tone)
    for transfer in seen.transfers:
        complete = transfer.announced and transfer.who_named and transfer.reason_given
        tone = "good" if complete and transfer.kind != "referral_away" else "bad"
        yield Sighting("transfers", transfer.message, _transfer(transfer, wording), tone)
    if seen.closing_check is not None:
        yield Sighting("closing_check", seen.closing_check, words["chip_closing"], "good")
    for number in seen.unanswered:
        yield Sighting("unanswered", number, words["chip_unanswered"], "bad")


def _episode(one: Episode, wording: Wording) -> str:
    words = wording.chrome
    key = "chip_episode" if one.at is None else "chip_episode_at"
    return words.say(key, kind=words["kind_" + one.kind], verdict=words["episode_" + one.verdict], at=one.at)


def _promise(one: Promise, wording: Wording) -> str:
    words = wording.chrome
    parts = [words["chip_promise"], words["promise_concrete" if one.concrete else "promise_vague"]]
    if one.due_at:
        parts.append(words.say("chip_due", due=wording.moment(one.due_at)))
    if one.kept is not None:
        parts.append(words["promise_kept" if one.kept else "promise_broken"])
    return " · ".join(parts)


def _transfer(one: Transfer, wording: Wording) -> str:
    words = wording.chrome
    parts = [
        words["chip_transfer"],
        words["transfer_" + one.kind],
        words["transfer_announced" if one.announced else "transfer_unannounced"],
        words["transfer_who" if one.who_named else "transfer_no_who"],
        words["transfer_reason" if one.reason_given else "transfer_no_reason"],
    ]
    return " · ".join(parts)
