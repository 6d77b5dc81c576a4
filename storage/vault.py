"""Keys of what is sealed, in a file of their own: destroying a key is the erasure.

`keys.bin` is a row of slots, each a 16-byte key id and a 32-byte AES-256-GCM key; a free slot is all
zeros. Keys are fsynced before the database commits what they seal, and overwritten in place when it is
erased. On flash or copy-on-write disks the old block may survive below the file system, so
the disk itself should be encrypted. Back the key file up nowhere a key may not outlive its case.

A second process may use the same folder: writes happen under `flock`, a key not known yet is read again.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import secrets
import threading
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.model.errors import StoreUnavailable
from bot.model.ids import AccountName, Address, GroupId, PersonKey

ID_BYTES = 16
KEY_BYTES = 32
SLOT_BYTES = ID_BYTES + KEY_BYTES
NONCE_BYTES = 12
FREE = bytes(SLOT_BYTES)
UNREAD = (-1, -1)
KEY_FILE = "keys.bin"
HASHING_FILE = "secret"


@asynccontextmanager
async def open_vault(folder: Path) -> AsyncIterator[Vault]:
    """The vault in this folder, made when it is not there yet; `StoreUnavailable` when the disk refuses."""
    vault = await asyncio.to_thread(_open, folder)
    try:
        yield vault
    finally:
        vault.close()


class Vault:
    """Makes, uses and destroys keys. Thread-safe; methods that write block on the disk."""

    def __init__(self, file: int, secret: bytes) -> None:
        self._file = file
        self._secret = secret
        self._lock = threading.Lock()
        self._keys: dict[bytes, tuple[int, bytes]] = {}
        self._free: list[int] = []
        self._read_at = UNREAD

    def close(self) -> None:
        """Let go of the file and of every key in memory."""
        with self._lock:
            self._keys.clear()
            os.close(self._file)

    def make(self, count: int) -> list[bytes]:
        """Ids of fresh keys, on disk when this returns: one fsync for all. What a failure leaves is swept."""
        made = [(secrets.token_bytes(ID_BYTES), secrets.token_bytes(KEY_BYTES)) for _ in range(count)]
        with self._writing():
            for key_id, key in made:
                slot = self._free_slot()
                self._put(slot, key_id + key)
                self._keys[key_id] = (slot, key)
        return [key_id for key_id, _ in made]

    def destroy(self, key_ids: Collection[bytes]) -> int:
        """Overwrite these keys with zeros; how many were there. Unknown ids are gone already."""
        if not key_ids:
            return 0
        with self._writing():
            if any(key_id not in self._keys for key_id in key_ids):
                self._read()
            return self._wipe(slot for slot, key_id in self._slots_of(key_ids) if self._holds(slot, key_id))

    def sweep(self, keep: Collection[bytes]) -> int:
        """Destroy every key that is not kept, torn slots too. Only while no commit can be under way."""
        kept = set(keep)
        with self._writing():
            self._read()
            return self._wipe(
                number
                for number, slot in enumerate(self._raw_slots())
                if slot != FREE and slot[:ID_BYTES] not in kept
            )

    def known(self, key_ids: Collection[bytes]) -> frozenset[bytes]:
        """Which of these keys exist on disk now."""
        with self._lock, _disk():
            self._read()
            return frozenset(key_id for key_id in key_ids if key_id in self._keys)

    def key(self, key_id: bytes) -> bytes | None:
        """The key under this id, None when it was destroyed."""
        with self._lock, _disk():
            if key_id not in self._keys and self._changed():
                self._read()
            found = self._keys.get(key_id)
            return found[1] if found else None

    def seal(self, key_id: bytes, plain: bytes, bound_to: str) -> bytes:
        """Nonce and ciphertext; opens only with the same key and the same `bound_to`."""
        key = self.key(key_id)
        if key is None:
            raise StoreUnavailable("a key was destroyed while it was needed")
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode())

    def person_key(self, group_id: GroupId, address: Address) -> PersonKey:
        """Who somebody is in this group, and in no other."""
        return PersonKey(self._hash(b"person", group_id, address))

    def delivery(self, account: AccountName, event: str) -> str:
        """What is remembered of an event id."""
        return self._hash(b"delivery", account, event)

    def idem(self, idem: str) -> str:
        """What is remembered for ever of an effect's `idem`."""
        return self._hash(b"idem", idem)

    def _hash(self, kind: bytes, *parts: str) -> str:
        text = "\0".join(parts).encode()
        return hashlib.blake2b(text, digest_size=16, key=self._secret, person=kind).hexdigest()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock, _disk():
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
                os.fsync(self._file)
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def _changed(self) -> bool:
        state = os.fstat(self._file)
        return (state.st_size, state.st_mtime_ns) != self._read_at

    def _read(self) -> None:
        state = os.fstat(self._file)
        self._keys.clear()
        self._free.clear()
        for number, slot in enumerate(self._raw_slots()):
            if slot == FREE:
                self._free.append(number)
            else:
                self._keys[slot[:ID_BYTES]] = (number, slot[ID_BYTES:])
        self._read_at = (state.st_size, state.st_mtime_ns)

    def _raw_slots(self) -> Iterator[bytes]:
        size = os.fstat(self._file).st_size
        data = os.pread(self._file, size, 0)
        for start in range(0, len(data), SLOT_BYTES):
            yield data[start : start + SLOT_BYTES].ljust(SLOT_BYTES, b"\0")

    def _free_slot(self) -> int:
        if self._read_at == UNREAD:
            self._read()
        # Another process may have taken a slot we believe to be free: look before use.
        while self._free:
            slot = self._free.pop()
            if os.pread(self._file, SLOT_BYTES, slot * SLOT_BYTES) == FREE:
                return slot
        return -(-os.fstat(self._file).st_size // SLOT_BYTES)

    def _slots_of(self, key_ids: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
        for key_id in key_ids:
            if key_id in self._keys:
                yield self._keys[key_id][0], key_id

    def _holds(self, slot: int, key_id: bytes) -> bool:
        return os.pread(self._file, ID_BYTES, slot * SLOT_BYTES) == key_id

    def _wipe(self, slots: Iterable[int]) -> int:
        wiped = set(slots)
        for slot in wiped:
            self._put(slot, FREE)
        self._keys = {key_id: held for key_id, held in self._keys.items() if held[0] not in wiped}
        self._free.extend(wiped)
        return len(wiped)

    def _put(self, slot: int, data: bytes) -> None:
        written = os.pwrite(self._file, data, slot * SLOT_BYTES)
        if written != len(data):
            raise StoreUnavailable("the key file could not be written")


def unseal(key: bytes, sealed: bytes, bound_to: str) -> bytes | None:
    """What was sealed; None when the key or what it is bound to does not fit."""
    nonce, cipher = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, cipher, bound_to.encode())
    except InvalidTag:
        return None


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(f"the key file: {error.strerror}") from error


def _open(folder: Path) -> Vault:
    with _disk():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(folder / KEY_FILE, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            # Under the lock, so that two first starts agree on one secret.
            fcntl.flock(file, fcntl.LOCK_EX)
            secret = _secret(folder)
            fcntl.flock(file, fcntl.LOCK_UN)
        except BaseException:
            os.close(file)
            raise
    return Vault(file, secret)


def _secret(folder: Path) -> bytes:
    path = folder / HASHING_FILE
    with suppress(FileNotFoundError):
        return path.read_bytes()
    secret = secrets.token_bytes(KEY_BYTES)
    draft = path.with_suffix(".new")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(file, secret)
        os.fsync(file)
    finally:
        os.close(file)
    draft.rename(path)
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return secret
