"""How well what candidates write is understood: ``python -m benchmarks.acts`` (dev half) or ``--held-out``.

The replies of ``tests/cases/candidate_replies`` were written before the word lists. A seed splits them; errors are shown
and looked at in the dev half only. A reply is right where its acts with what they are about are exactly the labelled ones.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import NamedTuple

import yaml

from qaplatform.audit.conversation import Message
from qaplatform.exam.acts import Said, recognise

REPLIES = Path(__file__).parents[1] / "tests" / "cases" / "candidate_replies"
SEED = 20261127
SIXTH_SEED = 20261128
SIXTH_SEEN = 17
"""So many of the sixth set were seen by accident before it was split; they count to its dev half."""
Label = tuple[str, str | None]


class Reply(NamedTuple):
    """One labelled reply."""

    text: str
    labels: frozenset[Label]
    due: frozenset[Label]
    before: tuple[Message, ...]


def replies(folder: Path = REPLIES) -> list[Reply]:
    """All labelled replies, file by file."""
    return [_reply(row) for path in sorted(folder.glob("*.yaml")) for row in yaml.safe_load(path.read_text("utf-8"))]


def _reply(row: list[str]) -> Reply:
    labels, due = set(), set()
    for words in (one.split() for one in row[1].split(",") if one.strip()):
        label = words[0], next((word for word in words[1:] if word != "due"), None)
        labels.add(label)
        if words[-1] == "due":
            due.add(label)
    before = tuple(Message("customer", text) for text in row[2:])
    return Reply(row[0], frozenset(labels), frozenset(due), before)


def halves(every: Iterable[Reply]) -> tuple[list[Reply], list[Reply]]:
    """Dev half and held-out half."""
    shuffled = list(every)
    Random(SEED).shuffle(shuffled)
    middle = len(shuffled) // 2
    return shuffled[:middle], shuffled[middle:]


def sixth_halves(every: list[Reply]) -> tuple[list[Reply], list[Reply]]:
    """Dev half and held-out half of ``candidate_replies_sixth``, which has a seed of its own."""
    order = list(range(len(every)))
    Random(SIXTH_SEED).shuffle(order)
    dev = {*order[: len(order) // 2], *range(SIXTH_SEEN)}
    return [every[at] for at in sorted(dev)], [every[at] for at in order if at not in dev]


def labels_of(said: Iterable[Said]) -> frozenset[Label]:
    """What was recognised, as labels."""
    return frozenset((one.act, one.about) for one in said)


def measure(some: list[Reply], *, show: bool) -> dict[str, float]:
    """Shares (0–1) of replies and acts that are right; errors are printed where ``show``."""
    hit, missed, extra = Counter[str](), Counter[str](), Counter[str]()
    exact = acts_exact = due_right = due_all = unread = 0
    for one in some:
        said = recognise(one.text, one.before, "zh")
        seen = labels_of(said)
        exact += seen == one.labels
        unread += ("unread", None) in seen - one.labels
        acts_exact += {act for act, _ in seen} == {act for act, _ in one.labels}
        hit.update(act for act, _ in seen & one.labels)
        missed.update(act for act, _ in one.labels - seen)
        extra.update(act for act, _ in seen - one.labels)
        timed = {(x.act, x.about) for x in said if x.due}
        both = {label for label in seen & one.labels if label[0] == "promises"}
        due_all += len(both)
        due_right += sum((label in timed) == (label in one.due) for label in both)
        if show and seen != one.labels:
            print(f"{one.text}\n    missed {_words(one.labels - seen)}   extra {_words(seen - one.labels)}")
    for act in sorted({*hit, *missed, *extra}):
        precision, recall = _share(hit[act], extra[act]), _share(hit[act], missed[act])
        print(f"{act:18} precision {precision:5.2f}  recall {recall:5.2f}  of {hit[act] + missed[act]}")
    right, wrong, lost = hit.total(), extra.total(), missed.total()
    figures = {
        "replies exactly right": exact / len(some),
        "replies whose acts (without about) are exactly right": acts_exact / len(some),
        "left unread though labelled (goes to the mentor)": unread / len(some),
        "exactly right of those read": exact / max(len(some) - unread, 1),
        "precision of acts": _share(right, wrong),
        "recall of acts": _share(right, lost),
        "F1 of acts": 2 * right / (2 * right + wrong + lost),
        "due right where a promise was found": due_right / max(due_all, 1),
    }
    print(f"{len(some)} replies")
    for name, figure in figures.items():
        print(f"{name}: {figure:.3f}")
    return figures


def _words(labels: Iterable[Label]) -> str:
    return ", ".join(sorted(act + (f" {about}" if about else "") for act, about in labels)) or "-"


def _share(right: int, wrong: int) -> float:
    return right / (right + wrong) if right + wrong else 1.0


def main(arguments: list[str]) -> None:
    """Measure one part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held-out", action="store_true", help="the half whose errors are never shown")
    parser.add_argument("--folder", type=Path, default=REPLIES, help="replies of another folder")
    parser.add_argument("--wrong", action="store_true", help="show the errors (dev half only)")
    chosen = parser.parse_args(arguments)
    split = sixth_halves if chosen.folder.name == "candidate_replies_sixth" else halves
    dev, held_out = split(replies(chosen.folder))
    measure(held_out if chosen.held_out else dev, show=chosen.wrong and not chosen.held_out)


if __name__ == "__main__":
    main(sys.argv[1:])
