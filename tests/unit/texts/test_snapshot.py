"""What people read changes only on purpose. `python -m tests.support.text_snapshot` writes it again."""

from __future__ import annotations

import pytest

from bot.texts import Catalogue
from tests.support.text_snapshot import rendered, snapshot

CATALOGUE = Catalogue.load()


@pytest.mark.parametrize("language", sorted(CATALOGUE.templates))
def test_the_catalogue_reads_as_it_was_last_approved(language: str) -> None:
    approved = snapshot(language).read_text("utf-8")
    assert rendered(CATALOGUE, language) == approved, "changed on purpose? python -m tests.support.text_snapshot"
