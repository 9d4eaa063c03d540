"""Every error that the library raises on purpose; each says what happened and what to do.

AssistantError                       exit code
├── LogUnusable                      1   the log cannot be read or written
├── UsageError                       2   wrong option, setting or path
│   ├── SettingError                 2   names the file and line of a wrong setting
│   └── Confirm                      2   more would be deleted than one does by accident
├── IndexUnusable                    4   no index, or it must be rebuilt
├── ModelUnavailable                 5   the model that was asked for cannot answer
│   ├── ServerAbsent                 5   nothing answers at the address
│   ├── ModelMissing                 5   the server does not have the model
│   ├── ModelSlow                    5   no token within the time allowed
│   ├── ModelOutOfMemory             5   the server could not load it
│   ├── PromptTooLong                5   the server would have cut the prompt
│   └── StreamBroken                 5   the answer stopped in its middle
├── IndexInUse                       6   another process is writing
├── EgressRefused                    8   something tried to reach another machine
└── BundleRefused                    9   a bundle or an installation is not what its manifest says
"""


class AssistantError(Exception):
    """What happened, in one line; `hint` says in one line what to do."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class LogUnusable(AssistantError):
    """The log of an index cannot be read or written; answers do not need it."""


class UsageError(AssistantError):
    """An argument, option or path cannot be used as given."""

    exit_code = 2


class SettingError(UsageError):
    """A setting has an unknown name, a wrong value, or stands where it may not."""


class Confirm(UsageError):
    """More than half of the documents would be deleted from the index; nothing has been done yet."""


class IndexUnusable(AssistantError):
    """There is no index at the path, or it has to be built again before it can answer."""

    exit_code = 4


class ModelUnavailable(AssistantError):
    """The model that was asked for cannot answer."""

    exit_code = 5


class ServerAbsent(ModelUnavailable):
    """Nothing answers at the server's address."""


class ModelMissing(ModelUnavailable):
    """The server answers but does not have the model."""


class ModelSlow(ModelUnavailable):
    """The server sent nothing of use within the time allowed."""


class ModelOutOfMemory(ModelUnavailable):
    """The server could not load the model."""


class PromptTooLong(ModelUnavailable):
    """The prompt does not fit the model's window; nothing was cut."""


class StreamBroken(ModelUnavailable):
    """The answer stopped, or grew beyond all bounds, before the model said that it was done."""


class IndexInUse(AssistantError):
    """Another process is writing to the index."""

    exit_code = 6


class EgressRefused(AssistantError):
    """Something in this process tried to reach another machine that nobody allowed, and could not."""

    exit_code = 8


class BundleRefused(AssistantError):
    """A bundle, or what was installed from one, is not what its manifest says."""

    exit_code = 9
