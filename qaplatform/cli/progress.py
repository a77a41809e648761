"""What a long run says on the standard error: sources, progress with rate and time left, and the end."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from qaplatform.formats.report import Tally
from qaplatform.formats.sources import SourceReport
from qaplatform.services.auditing import AuditedBlock

_SHOWN = 10


class RunReport:
    """Counts audited blocks as they pass, shows progress on a terminal, and sums up at the end."""

    def __init__(self, total_bytes: int | None) -> None:
        self.tally = Tally()
        self.conversations = 0
        self.messages = 0
        self._total = total_bytes
        self._begun = time.perf_counter()
        self._sources: dict[str, SourceReport] = {}
        self._progress: Progress | None = None
        self._task = TaskID(0)

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._progress = Progress(
                TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
                TextColumn("{task.fields[rate]}"), TimeElapsedColumn(), TimeRemainingColumn(),
                console=Console(stderr=True), transient=True,
            )  # fmt: skip
            self._progress.start()
            self._task = self._progress.add_task("audit", total=self._total, rate="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress:
            self._progress.stop()

    def watch(self, blocks: Iterable[AuditedBlock]) -> Iterator[AuditedBlock]:
        """The blocks, counted on their way."""
        for audited in blocks:
            if audited.source.name not in self._sources:
                self._sources[audited.source.name] = audited.source
                self._say_source(audited.source)
            self.tally.add(audited.block)
            self.conversations += audited.conversation_count
            self.messages += audited.message_count
            if self._progress:
                rate = self.messages / max(time.perf_counter() - self._begun, 1e-9)
                self._progress.update(self._task, advance=audited.block.raw_bytes, rate=f"{rate:,.0f} messages/s")
            yield audited

    def _say_source(self, source: SourceReport) -> None:
        said = [source.kind, source.encoding]
        if source.mapping:
            said.append(", ".join(f"{field}={column}" for field, column in source.mapping.items()))
        if source.note:
            said.append(source.note)
        click.echo(f"{source.name}: {'; '.join(said)}", err=True)

    def sum_up(self) -> None:
        """Say what was rejected or noticed, how much was audited, and how fast."""
        for rejection in self.tally.rejections[:_SHOWN]:
            way_out = f" ({rejection.way_out})" if rejection.way_out else ""
            click.echo(f"rejected: {rejection}{way_out}", err=True)
        rejected = sum(self.tally.rejected.values())
        if rejected > _SHOWN:
            click.echo(f"rejected: … and {rejected - _SHOWN} more", err=True)
        for notice in self.tally.notices[:_SHOWN]:
            click.echo(f"notice: {notice}", err=True)
        noticed = sum(self.tally.noticed.values())
        if noticed > _SHOWN:
            click.echo(f"notice: … and {noticed - _SHOWN} more", err=True)
        seconds = time.perf_counter() - self._begun
        click.echo(
            f"{self.conversations:,} conversations, {self.messages:,} messages audited in {seconds:.1f} s"
            f" ({self.messages / max(seconds, 1e-9):,.0f} messages/s); {rejected:,} rejected, {noticed:,} noticed",
            err=True,
        )
