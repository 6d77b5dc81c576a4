"""A stand-in for every port, for tests and for trying things out. They keep the contracts of the real ones."""
