"""What the authors of the sample dialogues meant each to bring, against what the checks say.

The authors of the first files wrote ``expect`` without knowing the checks, so those are an independent look. `./test
tests/test_sample_expectations.py -n 0 -s` prints the figures that docs/quality.md speaks of. The stories of ``zh-c-*``
were read against the checks afterwards, since the demo's curves are made of them: they are counted by themselves.
"""

from __future__ import annotations

import sys
from collections import Counter
from functools import cache
from pathlib import Path

import msgspec
import pytest
import yaml

from qaplatform.audit.conversation import Conversation
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.rubrics import context_named
from tests.shipped import shipped_rubric

SAMPLES = Path(__file__).parent.parent / "samples"
FLOOR = 0.85
ADAPTED_FLOOR = 0.95


@cache
def outcomes_of_samples() -> dict[str, dict[str, str]]:
    """By conversation and criterion."""
    auditor = compiled_auditor(shipped_rubric(), context_named(SAMPLES / "context.yaml"))
    conversations = msgspec.json.Decoder(Conversation).decode_lines((SAMPLES / "conversations.jsonl").read_bytes())
    audited = auditor.audit(conversations)
    return {
        one.id: {result.id: result.outcome for result in audited.scorecard(number).criteria}
        for number, one in enumerate(conversations)
    }


@pytest.mark.parametrize(
    ("files", "floor"), [(("zh-[ab]-*.yaml", "en-*.yaml"), FLOOR), (("zh-c-*.yaml",), ADAPTED_FLOOR)]
)
def test_the_checks_say_what_the_authors_meant_nearly_always(files: tuple[str, ...], floor: float) -> None:
    meant: Counter[str] = Counter()
    met: Counter[str] = Counter()
    for path in sorted(path for pattern in files for path in (SAMPLES / "written").glob(pattern)):
        for dialogue in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader):
            expect = dialogue.get("expect") or {}
            outcomes = outcomes_of_samples()[dialogue["id"]]
            for criterion, outcome in expect.items():
                meant[criterion] += 1
                met[criterion] += outcomes[criterion] == outcome
    for criterion in sorted(meant):
        sys.stdout.write(f"{criterion:<20} {met[criterion]}/{meant[criterion]}\n")
    sys.stdout.write(f"all {met.total()}/{meant.total()} = {met.total() / meant.total():.3f}\n")
    assert met.total() / meant.total() >= floor
