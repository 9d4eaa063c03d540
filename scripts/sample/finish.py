"""What is done to a finished PDF: encryption with a fixed stream of "random" bytes, and damage."""

import random
from io import BytesIO
from unittest.mock import patch

from pypdf import PdfReader, PdfWriter

OWNER_PASSWORD = "quay-heron-lattice"  # noqa: S105 - of a sample; readers need none


def encrypted(pdf: bytes) -> bytes:
    """Return the PDF encrypted with AES-256, opened by the empty password; the same bytes on every run."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf)))
    stream = random.Random(1987)
    with patch("secrets.token_bytes", stream.randbytes):
        writer.encrypt(user_password="", owner_password=OWNER_PASSWORD, algorithm="AES-256")
        out = BytesIO()
        writer.write(out)
    return out.getvalue()


def cut(pdf: bytes, share: float) -> bytes:
    """Return the first part of a file, as a broken transfer leaves it."""
    return pdf[: int(len(pdf) * share)]
