"""Build ``qaplatform/llm/tables/words.npz``: Chinese words of two characters.

Needs jieba (MIT), which the product itself does not: of its dictionary only the words of two characters that are not
rare are kept. They tell a slip of the pen from a changed word (``qaplatform/llm/slips.py``).

    python scripts/build_word_table.py
"""

from __future__ import annotations

from pathlib import Path

import jieba
import numpy as np

TABLE = Path(__file__).resolve().parent.parent / "qaplatform" / "llm" / "tables" / "words.npz"
FEWEST_TIMES = 10
FIRST, COUNT = 0x4E00, 0x5200


def main() -> None:
    """Write the table."""
    words = set()
    for line in (Path(jieba.__file__).parent / "dict.txt").read_text(encoding="utf-8").splitlines():
        word, times = line.split()[:2]
        if len(word) == 2 and int(times) >= FEWEST_TIMES and all(FIRST <= ord(one) < FIRST + COUNT for one in word):
            words.add((ord(word[0]) - FIRST) * COUNT + ord(word[1]) - FIRST)
    steps = np.diff(np.array([0, *sorted(words)], np.uint32))
    np.savez_compressed(TABLE, steps=steps.astype(np.uint32))
    print(f"{len(words)} words in {TABLE.name}, {TABLE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
