"""One mailbox server for all tests here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.post import Mailbox, mailbox


@pytest.fixture(scope="session")
def box() -> Iterator[Mailbox]:
    with mailbox() as running:
        yield running
