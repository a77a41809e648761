"""Ways to write a text so that a person reads something else, or nothing: for the injection corpus."""

from __future__ import annotations

import base64
import codecs
from collections.abc import Callable
from urllib.parse import quote

_CYRILLIC = str.maketrans("aceopxyijsABCEHKMOPTX", "асеорхуіјѕАВСЕНКМОРТХ")
_GREEK = str.maketrans("aoviukEHIKMNOPTXZ", "αονιυκΕΗΙΚΜΝΟΡΤΧΖ")
_LEET = str.maketrans("aeiost", "4310$7")
_SMALL_CAPS = str.maketrans("abcdefghijklmnoprtuvwyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀᴛᴜᴠᴡʏᴢ")
_MATHEMATICAL_A = 0x1D41A
_CIRCLED_A = 0x24D0
_FULL_WIDTH = 0xFEE0
_TAGS = 0xE0000
_SELECTORS = 0xE0100


def _between(mark: str) -> Callable[[str], str]:
    return lambda text: mark.join(char for char in text if char != " ")


def _woven(mark: str) -> Callable[[str], str]:
    return mark.join


def _shifted(first: int) -> Callable[[str], str]:
    return lambda text: "".join(
        chr(ord(char) - ord("a") + first) if "a" <= char <= "z" else char for char in text.lower()
    )


DISGUISES: dict[str, Callable[[str], str]] = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "percent": lambda text: quote(text, safe=""),
    "escapes": lambda text: "".join(f"\\u{ord(char):04x}" for char in text),
    "entities": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "reversed": lambda text: text[::-1],
    "spaces": _between(" "),
    "dots": _between("."),
    "stars": _between("*"),
    "dashes": _between("-"),
    "slashes": _between("/"),
    "lines": _between("\n"),
    "zero_width": _woven("\u200b"),
    "joiners": _woven("\u2060"),
    "soft_hyphens": _woven("\u00ad"),
    "blanks": _woven("\u3164"),
    "bidi": lambda text: f"\u202e{text[::-1]}\u202c",
    "tags": lambda text: "好的" + "".join(chr(_TAGS + ord(char)) for char in text),
    "selectors": lambda text: "收到😊" + "".join(chr(_SELECTORS + byte % 0xF0) for byte in text.encode()),
    "cyrillic": lambda text: text.translate(_CYRILLIC),
    "greek": lambda text: text.translate(_GREEK),
    "fullwidth": lambda text: "".join(chr(ord(char) + _FULL_WIDTH) if "!" <= char <= "~" else char for char in text),
    "mathematical": _shifted(_MATHEMATICAL_A),
    "circled": _shifted(_CIRCLED_A),
    "leet": lambda text: text.translate(_LEET),
    "smallcaps": lambda text: text.translate(_SMALL_CAPS),
}
"""By the name used in ``injections.yaml``."""
