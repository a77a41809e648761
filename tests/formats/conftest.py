"""What the readers' tests share: reading a few bytes as a file of some name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from qaplatform.audit.conversation import Conversation, Message
from qaplatform.formats.reading import Notice, ReadOptions, Rejection, SourceReport, Tally, open_sources


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that reading gave."""

    report: SourceReport
    conversations: list[Conversation]
    lines: list[int]
    rejections: list[Rejection]
    notices: list[Notice]
    tally: Tally

    @property
    def messages(self) -> list[Message]:
        return [message for conversation in self.conversations for message in conversation.messages]

    @property
    def said(self) -> list[tuple[str, str | None, str]]:
        return [(message.role, message.agent, message.text) for message in self.messages]

    @property
    def refused(self) -> list[tuple[int, str, str]]:
        return [(rejection.line, rejection.field, rejection.code) for rejection in self.rejections]

    @property
    def noticed(self) -> list[tuple[int, str, str]]:
        return [(notice.line, notice.field, notice.code) for notice in self.notices]


def _read_inputs(inputs: list[str], **options: Any) -> list[Outcome]:
    outcomes = []
    for source in open_sources(inputs, ReadOptions(**options)):
        tally = Tally()
        outcome = Outcome(source.report, [], [], [], [], tally)
        for block in source.blocks():
            tally.add(block)
            assert len(block.conversations) == len(block.lines)
            outcome.conversations.extend(block.conversations)
            outcome.lines.extend(block.lines)
            outcome.rejections.extend(block.rejections)
            outcome.notices.extend(block.notices)
        accounted = tally.content_lines + tally.blank_lines + tally.ignored_lines + tally.rejected_lines
        assert accounted == tally.lines, tally
        outcomes.append(outcome)
    return outcomes


@pytest.fixture
def read_inputs() -> Callable[..., list[Outcome]]:
    """Read inputs to the end; every line must be accounted for."""
    return _read_inputs


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Outcome]:
    """Write bytes (or text as UTF-8) under a name and read them."""

    def reader(name: str, content: str | bytes, **options: Any) -> Outcome:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        (outcome,) = _read_inputs([str(path)], **options)
        return outcome

    return reader
