"""How well what candidates write is understood: ``python -m benchmarks.acts`` (dev half) or ``--held-out``.

The replies of ``tests/cases/candidate_replies`` were written and labelled by people who knew neither the reader nor what it was
trained on. A seed splits them; the bounds of doubt were chosen on the dev half, and errors are shown and looked at there only.
A reply is right where its acts with what they are about are exactly the labelled ones.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from random import Random

from qaplatform.audit.conversation import Message
from qaplatform.exam.acts import Said, recognise
from reader.labelled import Label, Reply, read_replies

REPLIES = Path(__file__).parents[1] / "tests" / "cases" / "candidate_replies"
SEED = 20261127


def replies(folder: Path = REPLIES) -> list[Reply]:
    """All labelled replies, file by file."""
    return read_replies(sorted(folder.glob("*.yaml")))


def halves(every: Iterable[Reply]) -> tuple[list[Reply], list[Reply]]:
    """Dev half and held-out half."""
    shuffled = list(every)
    Random(SEED).shuffle(shuffled)
    middle = len(shuffled) // 2
    return shuffled[:middle], shuffled[middle:]


def said_in(one: Reply) -> tuple[Said, ...]:
    """What is read in a labelled reply."""
    return recognise(one.text, [Message("customer", text) for text in one.before])


def labels_of(said: Iterable[Said]) -> frozenset[Label]:
    """What was recognised, as labels."""
    return frozenset((one.act, one.about) for one in said if one.counts)


def measure(some: list[Reply], *, show: bool) -> dict[str, float]:
    """Shares (0–1) of replies and acts that are right; errors are printed where ``show``."""
    hit, missed, extra = Counter[str](), Counter[str](), Counter[str]()
    exact = exact_of_read = acts_exact = due_right = due_all = doubted = 0
    for one in some:
        said = said_in(one)
        seen = labels_of(said)
        is_doubted = any(one.doubt for one in said)
        right = seen == one.labels
        exact += right
        exact_of_read += right and not is_doubted
        doubted += is_doubted
        acts_exact += {act for act, _ in seen} == {act for act, _ in one.labels}
        hit.update(act for act, _ in seen & one.labels)
        missed.update(act for act, _ in one.labels - seen)
        extra.update(act for act, _ in seen - one.labels)
        timed = {(x.act, x.about) for x in said if x.due}
        both = {label for label in seen & one.labels if label[0] == "promises"}
        due_all += len(both)
        due_right += sum((label in timed) == (label in one.due) for label in both)
        if show and not right:
            doubt = "   in doubt" if is_doubted else ""
            print(f"{one.text}\n    missed {_words(one.labels - seen)}   extra {_words(seen - one.labels)}{doubt}")
    for act in sorted({*hit, *missed, *extra}):
        precision, recall = _share(hit[act], extra[act]), _share(hit[act], missed[act])
        print(f"{act:18} precision {precision:5.2f}  recall {recall:5.2f}  of {hit[act] + missed[act]}")
    right_acts, wrong, lost = hit.total(), extra.total(), missed.total()
    figures = {
        "replies exactly right, doubtful ones included": exact / len(some),
        "replies in which something is doubtful (a mentor reads them where the verdict hangs on it)": doubted
        / len(some),
        "exactly right of the others": exact_of_read / max(len(some) - doubted, 1),
        "replies whose acts (without about) are exactly right": acts_exact / len(some),
        "precision of acts": _share(right_acts, wrong),
        "recall of acts": _share(right_acts, lost),
        "F1 of acts": 2 * right_acts / (2 * right_acts + wrong + lost),
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
    parser.add_argument("--folder", type=Path, help="replies of another folder, all of them")
    parser.add_argument("--wrong", action="store_true", help="show the errors (not of the held-out half)")
    chosen = parser.parse_args(arguments)
    dev, held_out = halves(replies())
    some = replies(chosen.folder) if chosen.folder else held_out if chosen.held_out else dev
    measure(some, show=chosen.wrong and (bool(chosen.folder) or not chosen.held_out))


if __name__ == "__main__":
    main(sys.argv[1:])
