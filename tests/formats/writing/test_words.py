import re
from importlib.resources import files
from pathlib import Path
from string import Formatter

import pytest
import yaml

from qaplatform.formats.writing import words
from qaplatform.formats.writing.words import Chrome

FOLDER = Path(str(files("qaplatform.formats.writing")))
SOURCES = [path for path in sorted(FOLDER.rglob("*")) if path.suffix in (".py", ".j2", ".js", ".css")]


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_word_has_both_languages_with_the_same_places():
    for key, texts in words.table().items():
        assert texts["zh"].strip() or key == "duration_join", key
        assert places(texts["zh"]) == places(texts["en"]), key


def test_no_key_is_written_twice():
    keys = re.findall(r"^(\w+):", (FOLDER / "words.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(keys) == len(set(keys)) == len(yaml.safe_load((FOLDER / "words.yaml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_chinese_words_stand_in_the_table_only(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"[\u3400-\u9fff\u3000-\u303f\uff01-\uff5e]", text)


def test_every_word_is_used():
    sources = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    columns = {"col_" + name for name in re.findall(r"^\s+(\w+) [tnr] \d+$", sources, re.MULTILINE)}
    joined = set(re.findall(r"""["'](\w+_)["'] (?:\+|~)""", sources)) - {"col_"} | {"blunt_", "review_requests_"}
    named = {key for key in words.table() if f'"{key}"' in sources or f"'{key}'" in sources}
    unused = [key for key in words.table() if key not in named | columns and not key.startswith(tuple(joined))]
    assert columns <= set(words.table())
    assert unused == []


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0, "0秒", "0 s"),
        (59.9, "59秒", "59 s"),
        (200, "3分20秒", "3 min 20 s"),
        (3600, "1小时", "1 h"),
        (3605, "1小时", "1 h"),
        (90_000, "1天1小时", "1 d 1 h"),
    ],
)
def test_durations_are_said_in_their_two_largest_units(seconds, zh, en):
    assert Chrome("zh").duration(seconds) == zh
    assert Chrome("en").duration(seconds) == en
