"""Examples in a prompt's file → frozen examples whose quotes were found where they are said to stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from qaplatform.audit.saying import say
from qaplatform.audit.yaml_source import Node, Scalar
from qaplatform.audit.yaml_values import Values
from qaplatform.llm.evidence import locate
from qaplatform.llm.prompt import LANGUAGES, Example, Language, Verdict
from qaplatform.llm.transcript import ROLES, Said, Speaker


class ExampleReader:
    """Reads the examples of one prompt."""

    def __init__(self, values: Values, verdicts: tuple[Verdict, ...], speakers: Mapping[Verdict, Speaker]) -> None:
        self._values, self._report = values, values.report
        self._verdicts, self._speakers = verdicts, speakers
        self.complete = True
        """Whether every example could be read so far."""

    def example(self, node: Node) -> Iterator[tuple[Language, Example]]:
        """One example in its languages."""
        before = self._report.errors
        fields = self._values.fields(node, say("an example"), ("verdict", *LANGUAGES), ("verdict", *LANGUAGES))
        if fields is not None and self._verdicts:
            verdict = cast("Verdict", self._values.choice(fields.get("verdict"), "verdict", self._verdicts, "unsure"))
            for language in LANGUAGES:
                inner = fields.get(language)
                found = self._in_language(inner, verdict) if inner is not None else None
                if found is not None:
                    yield language, found
        self.complete = self.complete and self._report.errors == before

    def _in_language(self, node: Node, verdict: Verdict) -> Example | None:
        fields = self._values.fields(node, say("an example's text"), ("chat", "reason", "quote"), ("chat", "reason"))
        if fields is None:
            return None
        messages = self._messages(fields.place("chat"))
        reason = self._values.text(fields.get("reason"), "reason")
        quote = fields.get("quote")
        if quote is None:
            if verdict in ("yes", "no"):
                self._report.error(node, say("an example answered {verdict!r} needs a quote", verdict=verdict))
            return Example(verdict, messages, reason)
        inner = self._values.fields(quote, "quote", ("message", "text"), ("message", "text"))
        if inner is None:
            return None
        number = int(self._values.number(inner.get("message"), "message", least=0))
        text = self._values.text(inner.get("text"), "text")
        speaker = self._speakers.get(verdict, "any")
        span = locate(text, number, messages, speaker=speaker)
        if span is None or span.message != number:
            whose = "" if speaker == "any" else say(" of the {speaker}", speaker=speaker)
            self._report.error(
                inner.place("text"),
                say("this quote does not stand in message {number}{whose}", number=number, whose=whose),
            )
        return Example(verdict, messages, reason, number, text)

    def _messages(self, node: Node) -> tuple[Said, ...]:
        text = self._values.text(node, "chat")
        messages: list[Said] = []
        lines = node.value.splitlines() if isinstance(node, Scalar) and text else []
        for number, line in enumerate(lines, start=1):
            role, _, words = line.strip().partition(" ")
            if not line.strip():
                continue
            if role not in ROLES or not words.strip():
                mark = node.at_line(number) if isinstance(node, Scalar) else node.mark
                self._report.error(
                    mark, say("expected '{roles} text', got {words!r}", roles="|".join(ROLES), words=line.strip()[:40])
                )
                continue
            messages.append(Said(len(messages), role, words.strip()))
        return tuple(messages)
