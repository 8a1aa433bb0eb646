"""Keys: one master key from outside, and what is derived from it or wrapped by it.

AES-256-GCM and HKDF by `cryptography`. Every sealed value carries the id of its data key and is bound to its table,
column and row, so that a value copied onto another row does not open.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from store.errors import WrongKey

KEY_BYTES = 32
NONCE_BYTES = 12
ID_BYTES = 16
FORMAT = b"\x01"


def new_master_key() -> str:
    """A fresh master key: 32 random bytes in base64, as `database.key` takes it."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


@lru_cache(maxsize=64)  # each message with buttons asks for the same key
def derive(secret: bytes, purpose: str) -> bytes:
    """Derive 32 bytes for one purpose from a secret (HKDF-SHA256)."""
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(secret)


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The 32 bytes from the configuration, and the keys that are derived from them."""

    secret: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> MasterKey:
        """Read a key in base64; raises WrongKey with the mend when it is no such thing."""
        mend = "give database.key or database.key_file 32 bytes in base64, as `fortnight migrate` writes them"
        try:
            secret = base64.b64decode(text.strip(), validate=True)
        except (binascii.Error, ValueError):
            raise WrongKey("The database key is not base64.", mend) from None
        if len(secret) != KEY_BYTES:
            raise WrongKey(f"The database key has {len(secret)} bytes, not {KEY_BYTES}.", mend)
        return cls(secret)

    @property
    def fingerprint(self) -> str:
        """Names the key without giving anything of it away."""
        return hashlib.sha256(b"fingerprint" + self.secret).hexdigest()[:16]

    @property
    def file_key(self) -> bytes:
        """The key of the whole SQLite file."""
        return derive(self.secret, "fortnight sqlite file")

    @property
    def chain_key(self) -> bytes:
        """The key of the audit's hash chains."""
        return derive(self.secret, "fortnight audit chain")

    @property
    def button_key(self) -> bytes:
        """The key that signs what a button carries."""
        return derive(self.secret, "fortnight button")

    def wrap(self, key_id: str, secret: bytes) -> bytes:
        """Wrap a data key under this master key."""
        nonce = os.urandom(NONCE_BYTES)
        box = AESGCM(derive(self.secret, "fortnight key wrap"))
        return nonce + box.encrypt(nonce, secret, key_id.encode())

    def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        """Unwrap a data key; raises WrongKey when it was wrapped under another master key."""
        box = AESGCM(derive(self.secret, "fortnight key wrap"))
        try:
            return box.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], key_id.encode())
        except InvalidTag:
            raise WrongKey(
                "The database was written with another key.",
                "restore the database.key it was written with; if `fortnight keys rotate` was cut short, run it again",
            ) from None


@dataclass(frozen=True, slots=True)
class DataKey:
    """One key that fields are sealed with: the clinic's, or one patient's."""

    id: str
    box: AESGCM = field(repr=False)

    @classmethod
    def of(cls, key_id: str, secret: bytes) -> DataKey:
        """The key of that id with these 32 bytes."""
        return cls(key_id, AESGCM(secret))

    def seal(self, plain: str, place: str) -> bytes:
        """Seal a text for one place, written "table.column:row"; half an emoji is kept as it came."""
        nonce, text = os.urandom(NONCE_BYTES), plain.encode(errors="surrogatepass")
        return FORMAT + bytes.fromhex(self.id) + nonce + self.box.encrypt(nonce, text, place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """Open what was sealed for that place; raises WrongKey when it was moved, altered or sealed otherwise."""
        start = len(FORMAT) + ID_BYTES
        nonce, box = sealed[start : start + NONCE_BYTES], sealed[start + NONCE_BYTES :]
        try:
            return self.box.decrypt(nonce, box, place.encode()).decode(errors="surrogatepass")
        except (InvalidTag, ValueError):
            raise WrongKey(
                f"A sealed value in {place.partition(':')[0]} does not open where it stands.",
                "run `fortnight audit verify` and restore the row from a backup",
            ) from None


def key_id_of(sealed: bytes) -> str:
    """The id of the data key that a value was sealed with."""
    return sealed[len(FORMAT) : len(FORMAT) + ID_BYTES].hex()


def signature(key: bytes, text: str) -> str:
    """A keyed hash of a text, in hexadecimal."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
