"""The wheel of the assistant itself, from what is installed here: what was tried here is what the other machine gets.

It is written without compression and without times, so the same files give the same bytes whatever library packs them.
"""

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import assistant
from assistant.errors import AssistantError

NAME = "assistant"
_PACKAGE = Path(assistant.__file__).parent
_WHEEL = "Wheel-Version: 1.0\nGenerator: assistant bundle\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # that zip archives know


def wheel_name() -> str:
    """The file name of the wheel."""
    return f"{NAME}-{assistant.__version__}-py3-none-any.whl"


def wheel() -> bytes:
    """The wheel; raises AssistantError where this installation does not describe itself."""
    info = f"{NAME}-{assistant.__version__}.dist-info"
    files = dict(sorted([*_code(), *((f"{info}/{name}", data) for name, data in _described())]))
    files[f"{info}/RECORD"] = _record(files, info)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            member = zipfile.ZipInfo(name, _FIRST_DAY)
            member.external_attr = 0o100644 << 16
            archive.writestr(member, data)
    return packed.getvalue()


def is_stray(name: str) -> bool:
    """Whether a file or folder is what systems and editors leave behind, and nobody meant to copy."""
    return name in (".DS_Store", "__pycache__") or name.startswith("._") or name.endswith(("~", ".orig", ".swp"))


def _code() -> Iterator[tuple[str, bytes]]:
    for path in _PACKAGE.rglob("*"):
        within = path.relative_to(_PACKAGE)
        if path.is_file() and not any(map(is_stray, within.parts)):
            yield f"{NAME}/{within.as_posix()}", path.read_bytes()


def _described() -> Iterator[tuple[str, bytes]]:
    """What stands in the wheel's .dist-info, but its RECORD."""
    try:
        installed = metadata.distribution(NAME)
    except metadata.PackageNotFoundError:
        raise AssistantError(
            "the assistant is not installed here, only run", "Install it with: pip install ."
        ) from None
    if installed.version != assistant.__version__:
        raise AssistantError(
            f"this is {assistant.__version__}, installed as {installed.version}", "Install it again: pip install ."
        )
    yield "WHEEL", _WHEEL.encode()
    for name in ("METADATA", "entry_points.txt"):
        yield name, (installed.read_text(name) or "").encode()
    for file in installed.files or []:
        if "licenses" in file.parts:
            yield "/".join(file.parts[file.parts.index("licenses") :]), file.read_binary()


def _record(files: dict[str, bytes], info: str) -> bytes:
    """RECORD: every file with its hash and size, as pip checks it."""
    lines = []
    for name, data in files.items():
        value = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={value},{len(data)}\n")
    return "".join([*lines, f"{info}/RECORD,,\n"]).encode()
