"""Chats of tests in short lines."""

from __future__ import annotations


def transcript(lines: tuple[str, ...]) -> str:
    """C: customer, A: agent, Z: another agent, B: bot, T: a transfer; a minute apart."""
    who = {"C": "customer", "A": "agent:a1", "Z": "agent:a2", "B": "bot"}
    return "\n".join(
        f"system 10:{minute:02}:00 transfer 小王 → 小李"
        if line == "T"
        else f"{who[line[0]]} 10:{minute:02}:00 {line[1:]}"
        for minute, line in enumerate(lines)
    )
