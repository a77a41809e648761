"""Build ``qaplatform/audit/tables/*.npz``: how characters fold, and how they sound.

Needs OpenCC (Apache-2.0) and pypinyin (MIT), which the product itself does not: their data is
reduced here to small tables, once, so that every machine folds alike whatever its Unicode version.

    python scripts/build_fold_tables.py
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import opencc
from pypinyin import Style, pinyin

TABLES = Path(__file__).resolve().parent.parent / "qaplatform" / "audit" / "tables"
DROP = 0
# Punctuation is folded to one ASCII mark of its kind, so that a pattern needs to name it once.
# fmt: off
PUNCTUATION = {
    "。": ".", "．": ".", "…": ".", "⋯": ".", "、": ",", "，": ",", "､": ",",
    "！": "!", "？": "?", "；": ";", "：": ":", "∶": ":", "～": "~", "〜": "~", "∼": "~",
    "“": '"', "”": '"', "„": '"', "「": '"', "」": '"', "『": '"', "』": '"', "《": '"', "》": '"',
    "〝": '"', "〞": '"',
    "‘": "'", "’": "'", "‛": "'", "`": "'", "´": "'",
    "（": "(", "）": ")", "【": "[", "】": "]", "〔": "[", "〕": "]", "〖": "[", "〗": "]",
    "—": "-", "–": "-", "―": "-", "‐": "-", "‑": "-", "−": "-", "﹣": "-",
    "·": ".", "•": ".", "・": ".", "﹒": ".", "¥": "¥", "￥": "¥",
}
# fmt: on
CLAUSE_END = "\n\r\v\f\x85\u2028\u2029"
FILLERS = {0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800, 0x034F}


def fold_one(char: str, to_simplified: opencc.OpenCC) -> str:
    """The folded form of one character: '' drops it; more than one character for compatibility forms."""
    code = ord(char)
    if char in CLAUSE_END:
        return ";"
    if char in PUNCTUATION:
        return PUNCTUATION[char]
    category = unicodedata.category(char)
    if code in FILLERS or category in ("Cf", "Cs", "Mn", "Me") or 0xFE00 <= code <= 0xFE0F:
        return ""
    if category == "Cc":
        return " " if char == "\t" else ""
    if category == "Zs":
        return " "
    folded = unicodedata.normalize("NFKC", char).lower()
    folded = "".join(PUNCTUATION.get(c, c) for c in folded if unicodedata.category(c) not in ("Cf", "Mn", "Me", "Cc"))
    folded = "".join(" " if unicodedata.category(c) == "Zs" else c for c in folded)
    return "".join(to_simplified.convert(c) if "\u3400" <= c <= "\U0003ffff" else c for c in folded)


def main() -> None:
    """Write the two tables."""
    to_simplified = opencc.OpenCC("t2s")
    codes: list[int] = []
    targets: list[int] = []
    many_codes: list[int] = []
    many_text: list[str] = []
    keep: list[int] = []
    for code in range(0x110000):
        char = chr(code)
        folded = fold_one(char, to_simplified)
        if folded == "" or folded != char:
            if len(folded) > 1:
                many_codes.append(code)
                many_text.append(folded)
            else:
                codes.append(code)
                targets.append(ord(folded) if folded else DROP)
        if unicodedata.category(char)[0] in "LN":
            keep.append(code)
    # Letters and digits as ranges [from, to): the tight view keeps only these.
    kept = np.asarray(keep)
    breaks = np.flatnonzero(np.diff(kept) != 1)
    first = kept[np.r_[0, breaks + 1]]
    last = kept[np.r_[breaks, kept.size - 1]] + 1
    TABLES.mkdir(exist_ok=True)
    np.savez_compressed(
        TABLES / "fold.npz",
        codes=np.asarray(codes, np.uint32),
        targets=np.asarray(targets, np.uint32),
        many_codes=np.asarray(many_codes, np.uint32),
        many_text=np.asarray("\n".join(many_text)),
        letters=np.stack([first, last]).astype(np.uint32),
    )
    han = [chr(c) for c in range(0x4E00, 0x9FA6)]
    syllable_of = {c: pinyin(c, style=Style.NORMAL, errors="ignore") for c in han}
    syllables = sorted({s[0][0] for s in syllable_of.values() if s})
    number = {s: i for i, s in enumerate(syllables)}
    sound_codes = [ord(c) for c in han if syllable_of[c]]
    sound = [number[syllable_of[c][0][0]] for c in han if syllable_of[c]]
    np.savez_compressed(
        TABLES / "sound.npz",
        codes=np.asarray(sound_codes, np.uint32),
        syllable=np.asarray(sound, np.uint16),
        names=np.asarray("\n".join(syllables)),
    )
    print(len(codes), "single,", len(many_codes), "compound folds;", len(syllables), "syllables")


if __name__ == "__main__":
    main()
