"""What the figures were measured on."""

import os
import platform
import re
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx_vnni")
_LIBRARIES = ("onnxruntime", "chromadb", "llama-index-core", "pypdf", "pypdfium2", "tantivy")


@dataclass(frozen=True, slots=True)
class Machine:
    """Processor, memory and versions."""

    processor: str
    flags: tuple[str, ...]  # of FLAGS, those that the processor has
    cores: int
    memory_gb: float
    load: float  # of the last minute, before the measurement
    system: str
    python: str
    libraries: dict[str, str]

    @property
    def vnni(self) -> bool:
        """Whether the processor multiplies int8 in one step."""
        return any("vnni" in flag for flag in self.flags)


def machine() -> Machine:
    """This machine."""
    said = _cpuinfo()
    model = re.search(r"^model name\s*: (.+)$", said, re.MULTILINE)
    has = set(re.findall(r"\w+", said))
    return Machine(
        processor=model[1] if model else platform.processor() or platform.machine(),
        flags=tuple(flag for flag in FLAGS if flag in has),
        cores=os.cpu_count() or 1,
        memory_gb=round(psutil.virtual_memory().total / 1e9, 1),
        load=round(os.getloadavg()[0], 2),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        libraries={name: version(name) for name in _LIBRARIES},
    )


def _cpuinfo() -> str:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0]
    except OSError:
        return ""
