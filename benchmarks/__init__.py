"""Measured claims: a corpus generator, the peers, and the programs that compare (docs/benchmarks.md)."""
