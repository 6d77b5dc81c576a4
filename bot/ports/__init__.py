"""What BART needs from the outside, as protocols of one to six methods, each with its contract in words.

Every port has a fake in `bot/ports/fakes/` and one contract test in `tests/contract/` that all
implementations, fakes included, run.
"""
