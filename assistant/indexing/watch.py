"""Keeps an index level with its folder: waits for news, lets it settle, and runs.

A run looks at the whole folder, so news need not say what has changed, only that something has. Listening begins before
each run, and after it the folder is compared with what is listened to, so nothing is missed between.
"""

import os
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Flag

from assistant.config import Config
from assistant.errors import AssistantError, Confirm, IndexInUse, ModelUnavailable, UsageError
from assistant.indexing.events import Event, Report
from assistant.indexing.mounts import network_type
from assistant.indexing.run import index_folder
from assistant.indexing.survey import MEGABYTE
from assistant.reading import ignore
from assistant.reading.scan import KINDS, folders, scan
from assistant.storage.catalog import Catalog
from assistant.storage.place import check_folder, has_catalog, index_command

_SETTLE_SECONDS = 1.0  # without news: the program that saves, or the sync client, has done
_LONGEST_SETTLING = 30.0  # where the news does not end
_RESCAN_SECONDS = 3600.0  # whatever was heard: news can get lost
_BUSY_SECONDS = 5.0  # until an index that another process writes to is tried again
_AGAIN_SECONDS = 60.0  # until what no news will tell is tried again: a server that is away, a share that hiccups
_TICK = 0.1
_POLL_SECONDS = 5.0
_POLL_SHARE = 0.05  # of the time, at most, goes into looking
_POLL_AGAIN = 0.5  # seconds until a change that was seen is looked at again: it may go on


@dataclass(frozen=True, slots=True)
class Watching:
    """From here on changes of the folder are noticed."""

    folder: Path
    polling: str  # why the folder is looked at again and again; empty where the system tells of changes


@dataclass(frozen=True, slots=True)
class Held:
    """A run could not be made; what it could not do is left as it was, and tried again by itself."""

    reason: str
    hint: str


def watch(folder: Path | None, config: Config, stop: Flag, polling: bool = False) -> Iterator[Watching | Held | Event]:
    """Keep an index level with its folder until `stop` is set; yields what runs do and, once, why one cannot be made.

    When `stop` is set the batch in hand is committed. Raises UsageError where the first run cannot be made as asked.
    """
    root = _root(folder, config)
    why = "as asked" if polling else network_type(root)
    begun, said = False, ""
    while not stop.is_set():
        with closing(_Ear(root, config, stop, why)) as ear:
            wait = _RESCAN_SECONDS
            try:
                for event in index_folder(folder, config, stop=stop):
                    if not begun:
                        begun = True
                        yield Watching(root, ear.polling)
                    yield event
                    if isinstance(event, Report) and (event.kept or event.unsettled or event.unread):
                        wait = _AGAIN_SECONDS
                folder, said = None, ""
            except (IndexInUse, ModelUnavailable, UsageError) as error:
                if not begun and not isinstance(error, IndexInUse | Confirm):
                    raise
                if not begun:
                    begun = True
                    yield Watching(root, ear.polling)
                if str(error) != said:
                    yield Held(str(error), error.hint)
                said, wait = str(error), _until_again(error)
            _wait(ear, wait)


def _root(folder: Path | None, config: Config) -> Path:
    if folder is not None:
        check_folder(folder)
        return folder.resolve()
    if not has_catalog(config.index):
        named = index_command(config.index, "FOLDER").replace("index", "watch", 1)
        raise UsageError("there is no index yet, so it has to be told which folder", f"Name it: {named}")
    with Catalog.open(config.index) as catalog:
        return Path(catalog.get("folder") or "")


def _until_again(error: AssistantError) -> float:
    if isinstance(error, IndexInUse):
        return _BUSY_SECONDS
    return _AGAIN_SECONDS if isinstance(error, ModelUnavailable) else _RESCAN_SECONDS


def _wait(ear: "_Ear", most_seconds: float) -> None:
    """Return when news has come and settled, when the time is up, or when the ear has been told to stop."""
    began = time.monotonic()
    first = last = began if ear.missed() else None
    for heard in ear.news():
        now = time.monotonic()
        if heard:
            first, last = first or now, now
        if first is None or last is None:
            if now - began >= most_seconds:
                return
        elif now - last >= _SETTLE_SECONDS or now - first >= _LONGEST_SETTLING:
            return


class _Ear:
    """Hears, from the moment it is made, that something below a folder has changed.

    The system tells it of the folders that the scan walks, one by one: asked to watch a folder with all below it,
    watchfiles follows links out of it, to the whole machine if one leads there.
    """

    def __init__(self, folder: Path, config: Config, stop: Flag, polling: str) -> None:
        self.polling = polling  # why it looks for changes itself, empty where it is told
        self._folder = folder
        self._config = config
        self._stop = stop
        self._top = _identity(folder)
        self._before = self._state()
        self._listening: Generator[bool, None, None] = self._looks()
        if not polling:
            self._be_told()

    def news(self) -> Iterator[bool]:
        """Say every tenth of a second or so whether something has changed since the last time; ends with `stop`."""
        for heard in self._listening:
            top, self._top = self._top, _identity(self._folder)
            yield heard or top != self._top  # it was renamed, replaced, or has come back

    def missed(self) -> bool:
        """Whether the folder is another than the one that is listened to."""
        return self._state() != self._before

    def close(self) -> None:
        """Stop listening."""
        self._listening.close()

    def _state(self) -> object:
        """What has to be listened to, or where it has to look itself, everything that a run would see."""
        try:
            if self.polling:
                return scan(self._folder, self._config.max_file_mb * MEGABYTE, self._config.ignore).files
            below = folders(self._folder, self._config.ignore)
        except UsageError:  # it is gone, or a rule of what to ignore is none: the top will tell when that is mended
            below = ("",)
        paths = (f"{self._folder}/{prefix}".rstrip("/") for prefix in below)
        return {path: identity for path in paths if (identity := _identity(path)) is not None}

    def _be_told(self) -> None:
        paths = list(self._before) if isinstance(self._before, dict) else []
        told = self._told(paths) if paths else self._ticks()
        try:
            next(told, None)  # the system tells from here on
        except FileNotFoundError:  # a folder went meanwhile, which `missed` will find
            told = self._ticks()
        except (OSError, RuntimeError):  # as many folders as the system can watch, or more
            self.polling = "the system cannot watch so many folders"
            self._before = self._state()
            told = self._looks()
        self._listening = told

    def _told(self, paths: Sequence[str]) -> Generator[bool, None, None]:
        from watchfiles import watch as changes_of

        top, index = str(self._folder), os.path.realpath(self._config.index)
        try:
            rules = ignore.rules(top, self._config.ignore)
        except UsageError:
            rules = None
        for changes in changes_of(
            *paths,
            watch_filter=None,
            step=int(_TICK * 1000),
            rust_timeout=int(_TICK * 1000),
            yield_on_timeout=True,
            stop_event=self._stop,
            debug=False,
            force_polling=False,
            recursive=False,
            ignore_permission_denied=True,
        ):
            yield any(_is_news(path, top, index, rules) for _, path in changes)

    def _looks(self) -> Generator[bool, None, None]:
        before, looked, pause = self._before, time.monotonic(), _POLL_SECONDS
        for _ in self._ticks():
            began = time.monotonic()
            if began - looked < pause:
                yield False
                continue
            now = self._state()
            looked = time.monotonic()
            pause = _POLL_AGAIN if now != before else max(_POLL_SECONDS, (looked - began) / _POLL_SHARE)
            yield now != before
            before = now

    def _ticks(self) -> Generator[bool, None, None]:
        while not self._stop.is_set():
            yield False
            time.sleep(_TICK)  # not stop.wait: a signal's handler that sets it could meet it with its lock taken


def _identity(path: Path | str) -> tuple[int, int] | None:
    """What tells a folder from another one at the same place; None where there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116 - ten times a second, of text
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _is_news(path: str, top: str, index: str, rules: ignore.Rules | None) -> bool:
    """Whether a change at `path` can matter to an index of the folder `top`."""
    relative = path.removeprefix(f"{top}/")
    name = relative.rpartition("/")[2]
    if relative in (top, ignore.FILE_NAME):
        return True
    if name.startswith(".") or f"{path}/".startswith(f"{index}/"):
        return False
    is_file, is_folder = os.path.isfile(path), os.path.isdir(path)  # noqa: PTH112, PTH113 - text
    if is_file and os.path.splitext(name)[1].lower() not in KINDS:  # noqa: PTH122 - text
        return False
    may_be = [relative] * (not is_folder) + [f"{relative}/"] * (not is_file)  # both where it has gone
    return rules is None or not any(map(rules.cover, may_be))
