"""Keys are made, used and destroyed; what is destroyed is nowhere on disk."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.errors import StoreUnavailable
from bot.model.ids import AccountName, Address, GroupId
from storage.vault import HASHING_FILE, KEY_FILE, SLOT_BYTES, Vault, open_vault, unseal


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[Vault]:
    async with open_vault(tmp_path) as opened:
        yield opened


def on_disk(folder: Path) -> bytes:
    return (folder / KEY_FILE).read_bytes()


def key_of(vault: Vault, key_id: bytes) -> bytes:
    key = vault.key(key_id)
    assert key is not None
    return key


async def test_what_is_sealed_opens_with_its_key(vault: Vault) -> None:
    (key_id,) = vault.make(1)
    sealed = vault.seal(key_id, b"glas", "i1")
    assert b"glas" not in sealed
    assert unseal(key_of(vault, key_id), sealed, "i1") == b"glas"


async def test_ciphertext_is_bound_to_its_incident(vault: Vault) -> None:
    one, two = vault.make(2)
    sealed = vault.seal(one, b"glas", "i1")
    assert unseal(key_of(vault, one), sealed, "i2") is None
    assert unseal(key_of(vault, two), sealed, "i1") is None


async def test_the_same_words_never_seal_alike(vault: Vault) -> None:
    (key_id,) = vault.make(1)
    assert vault.seal(key_id, b"glas", "i1") != vault.seal(key_id, b"glas", "i1")


async def test_a_destroyed_key_is_gone_from_disk_and_memory(vault: Vault, tmp_path: Path) -> None:
    one, two = vault.make(2)
    key = key_of(vault, one)
    assert key in on_disk(tmp_path)
    assert vault.destroy([one]) == 1
    assert key not in on_disk(tmp_path)
    assert one not in on_disk(tmp_path)
    assert vault.key(one) is None
    assert vault.key(two) is not None
    with pytest.raises(StoreUnavailable):
        vault.seal(one, b"glas", "i1")


async def test_destroying_what_is_not_there_is_fine(vault: Vault) -> None:
    (key_id,) = vault.make(1)
    assert vault.destroy([]) == 0
    assert vault.destroy([secrets.token_bytes(16), key_id]) == 1
    assert vault.destroy([key_id]) == 0


async def test_a_free_slot_is_used_again(vault: Vault, tmp_path: Path) -> None:
    keys = vault.make(3)
    vault.destroy(keys[:2])
    vault.make(2)
    assert len(on_disk(tmp_path)) == 3 * SLOT_BYTES


async def test_free_slots_are_found_after_a_restart(tmp_path: Path) -> None:
    async with open_vault(tmp_path) as vault:
        keys = vault.make(3)
        vault.destroy(keys[:1])
    async with open_vault(tmp_path) as vault:
        vault.make(1)
        assert vault.key(keys[2]) is not None
    assert len(on_disk(tmp_path)) == 3 * SLOT_BYTES


async def test_two_processes_never_share_a_slot(tmp_path: Path) -> None:
    async with open_vault(tmp_path) as one, open_vault(tmp_path) as two:
        one.destroy(one.make(2))
        two.known([])
        keys = [*one.make(2), *two.make(3), *one.make(1)]
        assert all(two.key(key) is not None and one.key(key) == two.key(key) for key in keys)
        assert len(on_disk(tmp_path)) == 6 * SLOT_BYTES


async def test_a_key_the_other_process_replaced_is_not_destroyed_by_mistake(tmp_path: Path) -> None:
    async with open_vault(tmp_path) as one, open_vault(tmp_path) as two:
        (old,) = one.make(1)
        two.destroy([old])
        (new,) = two.make(1)
        assert one.destroy([old]) == 0
        assert two.known([new]) == {new}


async def test_a_sweep_leaves_only_what_is_kept(vault: Vault, tmp_path: Path) -> None:
    kept, *rest = vault.make(4)
    assert vault.sweep([kept]) == 3
    assert vault.known([kept, *rest]) == {kept}
    assert on_disk(tmp_path)[SLOT_BYTES:] == bytes(3 * SLOT_BYTES)


async def test_a_sweep_cleans_what_a_crash_tore(tmp_path: Path) -> None:
    torn = bytes(16) + secrets.token_bytes(32)
    (tmp_path / KEY_FILE).write_bytes(torn + secrets.token_bytes(10))
    async with open_vault(tmp_path) as vault:
        (key_id,) = vault.make(1)
        assert vault.sweep([key_id]) == 2
        assert vault.known([key_id]) == {key_id}
    assert on_disk(tmp_path)[: 2 * SLOT_BYTES] == bytes(2 * SLOT_BYTES)


async def test_a_person_is_somebody_else_in_every_group_and_in_every_vault(tmp_path: Path) -> None:
    jan = Address("jan@web")
    async with open_vault(tmp_path / "a") as a, open_vault(tmp_path / "b") as b:
        key = a.person_key(GroupId("g1"), jan)
        assert key == a.person_key(GroupId("g1"), jan)
        assert key != a.person_key(GroupId("g2"), jan)
        assert key != b.person_key(GroupId("g1"), jan)
        assert "jan" not in key


async def test_hashes_of_one_kind_are_not_those_of_another(vault: Vault) -> None:
    person = vault.person_key(GroupId("a"), Address("b"))
    assert len({person, vault.delivery(AccountName("a"), "b"), vault.idem("a\0b")}) == 3


async def test_the_secret_stays_the_same(tmp_path: Path) -> None:
    async with open_vault(tmp_path) as vault:
        before = vault.idem("x")
    async with open_vault(tmp_path) as vault:
        assert vault.idem("x") == before


async def test_only_the_owner_may_read_the_files(vault: Vault, tmp_path: Path) -> None:
    for name in (KEY_FILE, HASHING_FILE):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


async def test_a_folder_that_cannot_be_made_is_store_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match=os.strerror(errno.ENOTDIR)):
        async with open_vault(tmp_path / "file" / "data"):
            pass


@settings(max_examples=50, deadline=None)
@given(plain=st.binary(max_size=500), bound_to=st.text(max_size=20), flip=st.integers(min_value=0))
async def test_a_changed_bit_never_opens(
    tmp_path_factory: pytest.TempPathFactory, plain: bytes, bound_to: str, flip: int
) -> None:
    async with open_vault(tmp_path_factory.mktemp("vault")) as vault:
        (key_id,) = vault.make(1)
        key, sealed = key_of(vault, key_id), bytearray(vault.seal(key_id, plain, bound_to))
        assert unseal(key, bytes(sealed), bound_to) == plain
        sealed[flip % len(sealed)] ^= 1
        assert unseal(key, bytes(sealed), bound_to) is None
