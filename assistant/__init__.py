"""Ask a folder of company documents; every sentence of the answer names its file and page.

index = assistant.open("indexes/default")
for hit in index.search("carry-over of leave", limit=5): ...
answer = index.ask("How many days of leave do I get?")
"""

from assistant.airgap import switches

switches.apply()  # before any dependency is imported: see the module

from typing import TYPE_CHECKING, Any  # noqa: E402

from assistant.errors import AssistantError  # noqa: E402
from assistant.types import Answer, Citation, Hit, Sentence  # noqa: E402

if TYPE_CHECKING:
    from assistant.library import Index, open

__version__ = "0.1.0"
__all__ = ["Answer", "AssistantError", "Citation", "Hit", "Index", "Sentence", "open"]


def __getattr__(name: str) -> Any:
    """Import the library behind `open` and `Index` on first use: `import assistant` alone stays cheap."""
    if name in ("open", "Index"):
        from assistant import library

        return getattr(library, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
