"""Remembering which conversation ids were seen, eight bytes an id, so that memory stays small."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


class IdRegister:
    """Tells which ids came before; ids are kept as 64-bit hashes (two of a million clash with p < 1e-7).

    The hashes lie in sorted runs of doubling length, so that looking up and adding a block of ids costs a
    few searches, not one Python object an id.
    """

    def __init__(self) -> None:
        self._runs: list[npt.NDArray[np.int64]] = []

    def __len__(self) -> int:
        return sum(len(run) for run in self._runs)

    def add(self, ids: Sequence[str]) -> list[int]:
        """Add ids in order; returns the positions of those that were there already, or earlier in ``ids``."""
        if not ids:
            return []
        hashes = np.fromiter(map(hash, ids), np.int64, len(ids))
        order = np.argsort(hashes, kind="stable")
        ranked = hashes[order]
        repeated = np.zeros(len(ids), bool)
        repeated[order[1:]] = ranked[1:] == ranked[:-1]
        for run in self._runs:
            places = np.searchsorted(run, hashes)
            places[places == len(run)] = 0
            repeated |= run[places] == hashes
        self._keep(ranked)
        return np.flatnonzero(repeated).tolist()

    def holds(self, identity: str) -> bool:
        """Whether an id was added before."""
        wanted = hash(identity)
        for run in self._runs:
            place = int(np.searchsorted(run, wanted))
            if place < len(run) and int(run[place]) == wanted:
                return True
        return False

    def _keep(self, run: npt.NDArray[np.int64]) -> None:
        while self._runs and len(self._runs[-1]) <= 2 * len(run):
            run = np.sort(np.concatenate((self._runs.pop(), run)), kind="stable")
        self._runs.append(run)
