"""The shipped questions for a language model, as a section that a rubric may include and give back.

The shipped rubric does not include it, so that nobody's scores belong to another version who wants no model. A draft of the
rubric desk takes it in by one action, ``qaplatform grade --questions shipped`` for one run.
"""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.audit.rubric import Rubric
from qaplatform.resources import rubric_source, shipped_file, shipped_prompts
from qaplatform.services.rubric_reading import read_rubric
from qaplatform.services.yaml_edits import UneditableYamlError, YamlText

SECTION_PATH = "sections/questions.yaml"
_INCLUDE = f"include: {SECTION_PATH}"


def section_text() -> str:
    """The section as it ships."""
    return shipped_file("rubrics", SECTION_PATH).read_text(encoding="utf-8")


def has_questions(code: str, files: Mapping[str, str]) -> bool:
    """Whether a rubric includes the section; no, where its file is no YAML."""
    try:
        return _place(YamlText(files[f"{code}.yaml"])) is not None
    except UneditableYamlError:
        return False


def with_questions(code: str, files: Mapping[str, str]) -> dict[str, str]:
    """A rubric's files with the section as the last one; as they are where it is there already.

    Raises:
        UneditableYamlError: the list of sections cannot be added to without disturbing the rest.
    """
    path = f"{code}.yaml"
    text = YamlText(files[path])
    if _place(text) is not None:
        return dict(files)
    return {**files, path: text.with_item(["sections"], _INCLUDE).text, SECTION_PATH: section_text()}


def without_questions(code: str, files: Mapping[str, str]) -> dict[str, str]:
    """A rubric's files without the section, whatever was changed in it.

    Raises:
        UneditableYamlError: the list of sections cannot be changed without disturbing the rest.
    """
    path = f"{code}.yaml"
    text = YamlText(files[path])
    place = _place(text)
    if place is None:
        return dict(files)
    kept = {name: one for name, one in files.items() if name != SECTION_PATH}
    return {**kept, path: text.without_item(["sections"], place).text}


def _place(text: YamlText) -> int | None:
    """The position of the section in the list of sections."""
    sections = text.find(["sections"])
    for place in range(len(sections.value) if sections is not None else 0):
        named = text.find(["sections", place, "include"])
        if named is not None and named.value == SECTION_PATH:
            return place
    return None


def rubric_with_questions(name_or_path: str) -> Rubric:
    """A rubric by its name or file, with the section as if it included it.

    Raises:
        RubricError: with every mistake at path:line:column.
        MissingResourceError: there is no shipped rubric of that name.
        UneditableYamlError: its list of sections cannot be added to.
    """
    path, read = rubric_source(name_or_path)

    def with_section(wanted: str) -> str:
        if wanted != path:
            return read(wanted)
        text = YamlText(read(path))
        return text.text if _place(text) is not None else text.with_item(["sections"], _INCLUDE).text

    return read_rubric(path, with_section, prompts=shipped_prompts())
