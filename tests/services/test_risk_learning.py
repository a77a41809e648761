"""Learning which chats go wrong: what is planted is found, chance is not, and a model says the same wherever it is read."""

from __future__ import annotations

import dataclasses
import io
import random

import numpy as np
import pytest

from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation, Message
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.risk_evaluating import features_by_rules
from qaplatform.services.risk_features import FEATURES_VERSION, Looking, features_of, slots_of
from qaplatform.services.risk_figures import auc, bins_of, spearman
from qaplatform.services.risk_learning import Examples, TooFewExamplesError, cross_validated, learn
from qaplatform.services.risk_models import Comparison, RiskModel, UnusableModelError
from qaplatform.services.risk_signs import telling_signs
from tests.ruled import PLANTED, planted_chats
from tests.shipped import shipped_rubric


def examples_of(count: int, *, seed: int = 5) -> Examples:
    chats = list(planted_chats(count, seed=seed).values())
    features = features_by_rules([one for one, _ in chats], shipped_rubric(), Context())
    wrong = np.asarray([one for _, one in chats])
    return Examples(features, wrong, wrong.astype(float), np.ones(count), np.arange(count))


@pytest.fixture(scope="module")
def planted() -> Examples:
    return examples_of(300)


@pytest.fixture(scope="module")
def model(planted: Examples) -> RiskModel:
    return learn(planted, seed=1)


@pytest.fixture(scope="module")
def found(planted: Examples) -> Comparison:
    return cross_validated(planted, folds=5, seed=1)


def test_what_is_planted_is_found_and_better_than_the_rules(found: Comparison) -> None:
    assert found.model.auc.value is not None
    assert found.model.auc.value > 0.8
    assert found.is_better
    assert found.gain.low is not None
    assert found.gain.low > 0.1
    assert sum(one.n for one in found.folds) == found.n == 300


def test_probabilities_are_calibrated(found: Comparison) -> None:
    assert found.model.ece < 0.1
    assert found.model.brier < found.rule.brier
    assert [one.low for one in found.bins] == sorted(one.low for one in found.bins)


def test_chance_is_not_taken_for_better(planted: Examples) -> None:
    chance = random.Random(3)
    wrong = np.asarray([chance.random() < 0.4 for _ in range(300)])
    guessed = dataclasses.replace(planted, wrong=wrong, badness=wrong.astype(float))
    assert not cross_validated(guessed, folds=5, seed=1).is_better


def test_the_same_seed_gives_the_same_model_and_figures(planted: Examples, model: RiskModel, found: Comparison) -> None:
    assert learn(planted, seed=1).packed() == model.packed()
    assert cross_validated(planted, folds=5, seed=1) == found


def test_a_model_that_was_written_and_read_says_the_same(planted: Examples, model: RiskModel) -> None:
    body = model.packed()
    assert len(body) < 2_000_000
    read = RiskModel.unpacked(body)
    assert np.array_equal(read.risk(planted.features), model.risk(planted.features))


@pytest.mark.parametrize("spoilt", ["cut", "", "\x80\x04N.", "PK\x03\x04xx"])
def test_a_damaged_model_is_refused(model: RiskModel, spoilt: str) -> None:
    body = model.packed()[:-40] if spoilt == "cut" else spoilt.encode("latin-1")
    with pytest.raises(UnusableModelError):
        RiskModel.unpacked(body)


def test_a_model_of_other_features_is_refused(model: RiskModel) -> None:
    with np.load(io.BytesIO(model.packed())) as data:
        arrays = {name: data[name] for name in data.files}
    version = f'"features_version":{FEATURES_VERSION}'.encode()
    header = arrays["header"].tobytes().replace(version, b'"features_version":99')
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **(arrays | {"header": np.frombuffer(header, np.uint8)}))
    with pytest.raises(UnusableModelError):
        RiskModel.unpacked(out.getvalue())


def slot_of(text: str, block: str = "agent") -> int:
    chat = Conversation("one", (Message("agent", text),))
    looking = Looking(compiled_auditor(shipped_rubric(), Context()).audit([chat]).batch)
    return int(slots_of(block, looking.hashes(len(text), np.asarray([0])))[0])


def test_only_what_five_customers_wrote_counts(planted: Examples, model: RiskModel) -> None:
    slot = slot_of("仓库")
    assert slot in model.words["agent"].slot
    grams = planted.features.grams["agent"]
    has = np.isin(np.arange(300), grams.row[grams.slot == slot])
    whose = np.where(has, np.arange(300) % 4, 1000 + np.arange(300))
    assert slot not in learn(dataclasses.replace(planted, customer=whose), seed=1).words["agent"].slot


def test_fewer_customers_than_folds_are_too_few(planted: Examples) -> None:
    with pytest.raises(TooFewExamplesError):
        learn(dataclasses.replace(planted, customer=np.arange(300) % 4), seed=1)


def test_too_few_of_a_kind_is_said(planted: Examples) -> None:
    with pytest.raises(TooFewExamplesError):
        learn(dataclasses.replace(planted, wrong=np.zeros(300, bool)), seed=1)


def test_the_looks_of_a_few_slots_give_the_same_as_of_all(planted: Examples, model: RiskModel) -> None:
    chats = [one for one, _ in planted_chats(300).values()]
    audited = compiled_auditor(shipped_rubric(), Context()).audit(chats)
    assert np.allclose(model.risk(features_of(audited, model.known)), model.risk(planted.features))


def test_n_grams_do_not_reach_over_messages_and_digits_are_alike() -> None:
    chats = [one for one, _ in planted_chats(3).values()]
    looking = Looking(compiled_auditor(shipped_rubric(), Context()).audit(chats).batch)
    for size in (1, 2, 3, 4):
        assert all("\n" not in looking.text(place, size) for place in looking.places(size).tolist())
    first, second = looking.places(1)[:2]
    assert slots_of("agent", looking.hashes(1, np.asarray([first]))) != slots_of(
        "customer", looking.hashes(1, np.asarray([first]))
    )
    assert first != second


def test_what_is_telling_is_said_in_words_of_five_customers(planted: Examples, model: RiskModel) -> None:
    chats = [one for one, _ in planted_chats(300).values()]
    batch = compiled_auditor(shipped_rubric(), Context()).audit(chats).batch
    signs = telling_signs(model, planted.features, [(np.arange(300), batch)], planted.customer)
    raising = [one.what for one in signs if one.weight > 0 and one.where.startswith("agent")]
    assert any(one in PLANTED for one in raising)
    words = [one for one in signs if one.where != "number"]
    assert all(one.conversations >= 5 and one.what.isalpha() for one in words)
    alone = telling_signs(model, planted.features, [(np.arange(300), batch)], np.arange(300) % 4)
    assert [one for one in alone if one.where != "number"] == []


def test_ranks_and_classes() -> None:
    risk, wrong = np.asarray([0.1, 0.4, 0.4, 0.9]), np.asarray([False, False, True, True])
    assert auc(risk, wrong) == pytest.approx(0.875)
    assert auc(risk, np.ones(4, bool)) is None
    assert spearman(risk, risk) == pytest.approx(1.0)
    assert spearman(risk, np.ones(4)) is None
    assert sum(one.n for one in bins_of(risk, wrong)) == 4
