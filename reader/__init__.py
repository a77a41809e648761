"""How the reader of replies is made (README.md): labelled replies, the network it begins from, and its training."""
