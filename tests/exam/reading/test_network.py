"""The network's arithmetic, against the formulas written out element by element."""

from __future__ import annotations

from math import erf, exp, sqrt

import numpy as np
import pytest

from qaplatform.exam.reading.network import Floats, Network, network_of

WIDTH, INNER, HEADS, PIECES, LABELS, LAYERS = 64, 96, 2, 7, 3, 2


def _arrays() -> dict[str, np.ndarray]:
    random = np.random.default_rng(3)

    def matrix(name: str, rows: int, columns: int) -> dict[str, np.ndarray]:
        return {
            f"{name}.weight": random.integers(-127, 128, (rows, columns)).astype(np.int8),
            f"{name}.scale": random.uniform(0.0005, 0.002, rows).astype(np.float32),
            f"{name}.bias": random.normal(0, 0.1, rows).astype(np.float32),
        }

    def norm(name: str) -> dict[str, np.ndarray]:
        return {
            f"{name}.scale": random.uniform(0.5, 1.5, WIDTH).astype(np.float32),
            f"{name}.shift": random.normal(0, 0.2, WIDTH).astype(np.float32),
        }

    arrays = {
        "pieces": random.integers(0, 256, (PIECES, WIDTH // 2)).astype(np.uint8),
        "piece_scales": random.uniform(0.01, 0.1, (PIECES, WIDTH // 32)).astype(np.float16),
        "positions": random.normal(0, 0.1, (9, WIDTH)).astype(np.float16),
        "parts": random.normal(0, 0.1, (2, WIDTH)).astype(np.float16),
        "says": random.normal(0, 0.3, (LABELS, WIDTH)).astype(np.float16),
        "looks": random.normal(0, 0.3, (LABELS, WIDTH)).astype(np.float16),
        "bias": random.normal(0, 0.3, LABELS).astype(np.float16),
        **norm("first"),
    }
    for number in range(LAYERS):
        arrays |= matrix(f"layer{number}.attend", 3 * WIDTH, WIDTH) | matrix(f"layer{number}.attended", WIDTH, WIDTH)
        arrays |= matrix(f"layer{number}.widen", INNER, WIDTH) | matrix(f"layer{number}.narrow", WIDTH, INNER)
        arrays |= norm(f"layer{number}.after_attending") | norm(f"layer{number}.after_widening")
    return arrays


ARRAYS = _arrays()


def _network() -> Network:
    return network_of(ARRAYS, HEADS)


def _float(name: str) -> list[list[float]]:
    return ARRAYS[name].astype(np.float64).tolist()  # type: ignore[no-any-return]


def _line(name: str, x: list[float]) -> list[float]:
    weight, scale, bias = (ARRAYS[f"{name}.{part}"].astype(np.float64) for part in ("weight", "scale", "bias"))
    return [scale[o] * sum(weight[o, i] * x[i] for i in range(len(x))) + bias[o] for o in range(len(bias))]


def _normed(name: str, x: list[float]) -> list[float]:
    mean = sum(x) / len(x)
    spread = sqrt(sum((one - mean) ** 2 for one in x) / len(x) + 1e-12)
    scale, shift = ARRAYS[f"{name}.scale"].tolist(), ARRAYS[f"{name}.shift"].tolist()
    return [(one - mean) / spread * a + b for one, a, b in zip(x, scale, shift, strict=True)]


def _softmax(x: list[float]) -> list[float]:
    raised = [exp(one - max(x)) for one in x]
    return [one / sum(raised) for one in raised]


def _embedded(number: int) -> list[float]:
    out = []
    for block in range(WIDTH // 32):
        packed = ARRAYS["pieces"][number, block * 16 : block * 16 + 16].tolist()
        scale = float(ARRAYS["piece_scales"][number, block])
        out += [((byte & 15) - 8) * scale for byte in packed] + [((byte >> 4) - 8) * scale for byte in packed]
    return out


def _layer(number: int, x: list[list[float]]) -> list[list[float]]:
    at, size = f"layer{number}", WIDTH // HEADS
    projected = [_line(f"{at}.attend", one) for one in x]
    out = []
    for here, one in enumerate(x):
        seen: list[float] = []
        for head in range(HEADS):
            q, k, v = (slice(part * WIDTH + head * size, part * WIDTH + (head + 1) * size) for part in range(3))
            likeness = [
                sum(a * b for a, b in zip(projected[here][q], other[k], strict=True)) / sqrt(size)
                for other in projected
            ]
            shares = _softmax(likeness)
            seen += [
                sum(share * other[v][i] for share, other in zip(shares, projected, strict=True)) for i in range(size)
            ]
        added = [a + b for a, b in zip(one, _line(f"{at}.attended", seen), strict=True)]
        after = _normed(f"{at}.after_attending", added)
        wide = [w * 0.5 * (1 + erf(w / sqrt(2))) for w in _line(f"{at}.widen", after)]
        widened = [a + b for a, b in zip(after, _line(f"{at}.narrow", wide), strict=True)]
        out.append(_normed(f"{at}.after_widening", widened))
    return out


def _by_hand(pieces: list[int], begin: int) -> list[float]:
    parts = [int(at >= begin) for at in range(len(pieces))]
    positions, kinds = _float("positions"), _float("parts")
    x = [
        _normed("first", [sum(one) for one in zip(_embedded(n), positions[at], kinds[part], strict=True)])
        for at, (n, part) in enumerate(zip(pieces, parts, strict=True))
    ]
    for number in range(LAYERS):
        x = _layer(number, x)
    own = x[begin:]

    def dot(a: list[float], b: list[float]) -> float:
        return sum(one * other for one, other in zip(a, b, strict=True))

    logits = []
    for says, looks, bias in zip(_float("says"), _float("looks"), ARRAYS["bias"].tolist(), strict=True):
        shares = _softmax([dot(one, looks) for one in own])
        logits.append(bias + sum(share * dot(one, says) for share, one in zip(shares, own, strict=True)))
    return logits


@pytest.mark.parametrize("begin", [2, 0, 4])
def test_it_computes_what_the_formulas_say(begin: int) -> None:
    pieces = [3, 1, 6, 0, 3]
    logits, _ = _network()(np.array(pieces), begin)
    # GELU is approximated by tanh, to some ten-thousandths.
    assert logits == pytest.approx(_by_hand(pieces, begin), abs=2e-3)


def test_it_looks_at_the_reply_alone() -> None:
    shares: Floats
    _, shares = _network()(np.array([3, 1, 6, 0, 3]), 2)
    assert shares.shape == (3, LABELS)
    assert shares.sum(axis=0) == pytest.approx([1.0] * LABELS)


def test_what_was_said_before_changes_what_is_read() -> None:
    first, _ = _network()(np.array([3, 1, 6, 0, 3]), 2)
    other, _ = _network()(np.array([2, 5, 6, 0, 3]), 2)
    assert np.abs(first - other).max() > 1e-3
