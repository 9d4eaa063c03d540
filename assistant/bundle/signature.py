"""Signatures of a manifest by ssh-keygen, which most machines have; keys stay where they are."""

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from assistant.bundle.manifest import refused
from assistant.errors import UsageError

_NAMESPACE = "assistant-bundle"  # a signature made for something else is no signature of a bundle
_LONGEST_KEY = 20_000  # bytes


def sign(manifest: bytes, key: Path) -> bytes:
    """Sign with a private key, or with the agent's where `key` is a public one; raises UsageError."""
    with tempfile.TemporaryDirectory() as folder:
        signed = Path(folder) / "manifest"
        signed.write_bytes(manifest)
        done = _ssh_keygen(["sign", "-q", "-f", str(key), "-n", _NAMESPACE, str(signed)])
        if done.returncode:
            said = " ".join(done.stderr.decode("utf-8", "replace").split())
            raise UsageError(f"ssh-keygen could not sign with {key}: {said[:200]}", "Make a key with: ssh-keygen")
        return signed.with_suffix(".sig").read_bytes()


def check(manifest: bytes, signature: bytes | None, key: Path) -> None:
    """Raise BundleRefused unless the owner of this public key signed the manifest."""
    if signature is None:
        raise refused("the bundle is not signed", "Have it made with --sign.")
    public = _public(key)
    with tempfile.TemporaryDirectory() as folder:
        signers, given = Path(folder) / "signers", Path(folder) / "signature"
        signers.write_text(f'signer namespaces="{_NAMESPACE}" {public}\n', encoding="utf-8")
        given.write_bytes(signature)
        known = ["-f", str(signers), "-I", "signer", "-n", _NAMESPACE, "-s", str(given)]
        if _ssh_keygen(["verify", *known], manifest).returncode:
            raise refused(f"the bundle was not signed by the owner of {key}", "Ask whoever gave it to you.")


def _public(key: Path) -> str:
    try:
        with key.open(encoding="ascii") as file:
            lines = file.read(_LONGEST_KEY).split("\n")
    except (OSError, UnicodeDecodeError):
        lines = []
    public = next((line for line in lines if line.startswith(("ssh-", "ecdsa-", "sk-"))), None)
    if public is None:
        raise UsageError(f"{key} is no public key", "Name the .pub file of whoever signed the bundle.")
    return public


def _ssh_keygen(arguments: Sequence[str], text: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(["ssh-keygen", "-Y", *arguments], input=text, capture_output=True, check=False)
    except FileNotFoundError:
        raise UsageError("there is no ssh-keygen, which signs and checks", "Install OpenSSH.") from None
