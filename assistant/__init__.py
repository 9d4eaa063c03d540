"""Ask a folder of company documents; every sentence of the answer names its file and page.

index = assistant.open("indexes/default")
for hit in index.search("carry-over of leave", limit=5): ...
answer = index.ask("How many days of leave do I get?")
"""

from assistant.airgap import switches
from assistant.airgap.guard import guard_process, install

switches.apply()  # before any dependency is imported: see the modules
install()

TYPE_CHECKING = False  # as in typing, whose import takes as long as all of this
if TYPE_CHECKING:
    from typing import Any

    from assistant.errors import AssistantError
    from assistant.library import Index, open
    from assistant.types import Answer, Citation, Hit, Sentence

__version__ = "0.1.0"
__all__ = ["Answer", "AssistantError", "Citation", "Hit", "Index", "Sentence", "guard_process", "open"]

_MODULES = {"Index": "library", "open": "library", "AssistantError": "errors"}  # of all others: types


def __getattr__(name: str) -> "Any":
    """Import what is offered on first use: `import assistant` alone stays cheap, and so does a command's first moment,
    in which Ctrl-C would still show a traceback."""
    if name in __all__:
        from importlib import import_module

        return getattr(import_module(f"assistant.{_MODULES.get(name, 'types')}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
