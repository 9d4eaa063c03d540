"""The chain of digests: pure functions of values.

An entry's digest runs over the one before it and over its own facts; its texts stand in the facts by digest alone, so
that they can be erased and the chain still holds. Each text has a salt of its own that goes with it: without the salt
not even a one-word text can be guessed from its digest.
"""

import hashlib
import hmac
import json
import secrets
from typing import Any

START = "0" * 64  # what stands before the first entry
_SALT_BYTES = 16


def canonical(value: Any) -> str:
    """The one JSON text of a value: keys sorted, nothing between its parts."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def salt() -> bytes:
    """A new salt for one text."""
    return secrets.token_bytes(_SALT_BYTES)


def text_digest(salt: bytes, text: str) -> str:
    """The digest of a text under its salt: HMAC-SHA-256, in hexadecimal."""
    return hmac.new(salt, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def link(before: str, number: int, time: str, kind: str, facts: str) -> str:
    """The digest of an entry that follows the one with the digest `before`: SHA-256, in hexadecimal."""
    text = canonical([before, number, time, kind, facts])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
