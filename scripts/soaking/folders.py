"""A small folder of documents that is made and changed from a seed, and remembers what stood where.

Markdown with and without front matter, plain text, PDFs of several pages; paragraphs that stand in several documents.
"""

import hashlib
import os
import random
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from assistant.types import Hit
from soaking.texts import WORDS, Writer, twins, write_pdf

FOLDERS = ("hr", "finance", "legal/contracts", "it", "archive/2019")
SUFFIXES = (".md", ".md", ".md", ".txt", ".txt", ".pdf")
_VERSIONS = 0.1  # share of the new names that name a version of another document


@dataclass(slots=True)
class Documents:
    """A folder of documents; each change returns in a few words what it did, and None where it had nothing to do."""

    root: Path
    random: random.Random
    contents: dict[str, tuple[str, ...]] = field(default_factory=dict)  # SHA-256 of a file: its pages
    seen: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)  # path: what stood there since `settle`
    steady: set[str] = field(default_factory=set)  # paths of which nothing has changed since `settle`
    bin: list[tuple[str, bytes]] = field(default_factory=list)  # what was deleted
    made: int = 0

    @property
    def writer(self) -> Writer:
        """Whoever writes the documents, from the same source of random numbers."""
        return Writer(self.random)

    def fill(self, count: int) -> None:
        """Make the folder with so many documents."""
        for _ in range(count):
            self.add()
        self.settle()

    def change(self) -> str:
        """Change the folder in one of the ways that an index has to follow."""
        return _one_of(self.random, CHANGES, self)

    def settle(self) -> None:
        """Forget what stood in the folder before: an index that is level with it may only show what stands now."""
        self.seen, self.steady = {}, set(self.paths())
        self.note()

    def note(self) -> None:
        """Remember what stands in the folder now."""
        paths = self.paths()
        for path in paths:
            with suppress(OSError, KeyError):  # locked, or a link to what is no document of the folder
                pages = self.contents[hashlib.sha256((self.root / path).read_bytes()).hexdigest()]
                versions = self.seen.setdefault(path, [])
                if pages not in versions:
                    versions.append(pages)
        self.steady &= {
            path for path in paths if len(self.seen.get(path, ())) == 1 and not (self.root / path).is_symlink()
        }

    def held(self, hit: Hit) -> bool:
        """Whether the passage stood in the folder, at that place, since `settle`."""
        return any(_stands(pages, hit) for pages in self.seen.get(hit.path, ()))

    def paths(self) -> list[str]:
        """The documents of the folder, sorted."""
        return sorted(_documents(self.root))

    # --- changes ---

    def add(self) -> str:
        """Add a document."""
        path = self._free(self.random.choice(SUFFIXES))
        self._write(path, self.writer.pages(path))
        return f"add {path}"

    def edit(self) -> str | None:
        """Change a document, in place or as editors do: by a new file of its name."""
        path = self._any()
        if path is None:
            return None
        pages = self.writer.edited(self._content(path), path)
        self._write(path, pages, in_place=self.random.random() < 0.5)
        return f"edit {path}"

    def edit_unseen(self) -> str | None:
        """Change a word of a text for another of its length, and give the file back its times."""
        path = self._any(".md", ".txt")
        if path is None:
            return None
        status, [text] = (self.root / path).stat(), self._content(path)
        words = [match for match in re.finditer(r"[a-z]{4,}", text) if any(twins(match[0]))]
        if not words:
            return None
        old = self.random.choice(words)
        new = self.random.choice(list(twins(old[0])))
        self._write(path, (text[: old.start()] + new + text[old.end() :],), in_place=True)
        os.utime(self.root / path, ns=(status.st_atime_ns, status.st_mtime_ns))
        return f"edit {path} by one word, its times restored"

    def move(self) -> str | None:
        """Move a document; sometimes it becomes one of another type."""
        path = self._any()
        if path is None:
            return None
        suffix = Path(path).suffix
        if suffix != ".pdf" and self.random.random() < 0.2:
            suffix = {".md": ".txt", ".txt": ".md"}[suffix]
        target = self._free(suffix)
        (self.root / target).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).rename(self.root / target)
        self.note()
        return f"move {path} to {target}"

    def move_folder(self) -> str | None:
        """Rename a folder with all that is in it."""
        folders = sorted(path for path in self.root.iterdir() if path.is_dir() and not path.name.startswith("."))
        if not folders:
            return None
        folder = self.random.choice(folders)
        self.made += 1
        folder.rename(folder.with_name(f"{folder.name.split('-')[0]}-{self.made}"))
        self.note()
        return f"rename the folder {folder.name}"

    def swap(self) -> str | None:
        """Let two documents of one type change places."""
        one = self._any()
        others = [path for path in self.paths() if one and path != one and Path(path).suffix == Path(one).suffix]
        if one is None or not others:
            return None
        other, aside = self.random.choice(others), self.root / ".aside"
        (self.root / one).rename(aside)
        (self.root / other).rename(self.root / one)
        aside.rename(self.root / other)
        self.note()
        return f"swap {one} and {other}"

    def copy(self) -> str | None:
        """Copy a document."""
        path = self._any()
        if path is None:
            return None
        target = self._free(Path(path).suffix)
        (self.root / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(self.root / path, self.root / target)
        self.note()
        return f"copy {path} to {target}"

    def delete(self) -> str | None:
        """Delete a document."""
        path = self._any()
        if path is None:
            return None
        content = (self.root / path).read_bytes()
        (self.root / path).unlink()
        self.bin.append((path, content))
        self.note()
        return f"delete {path}"

    def restore(self) -> str | None:
        """Put a deleted document back where it stood."""
        if not self.bin:
            return None
        path, content = self.bin.pop(self.random.randrange(len(self.bin)))
        if (self.root / path).exists():
            return None
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(content)
        self.note()
        return f"restore {path}"

    def lock(self) -> str | None:
        """Take the right to read a document, or a folder of them; mostly from one at a time."""
        if self.random.random() < 0.7:
            self.unlock()
        path = self._any()
        if path is None:
            return None
        locked = self.root / path if self.random.random() < 0.8 else (self.root / path).parent
        locked.chmod(0)
        self.note()
        return f"chmod 000 {locked.relative_to(self.root)}"

    def unlock(self) -> str | None:
        """Give every right back."""
        locked = 0
        for folder, folders, files in os.walk(self.root):  # top down: a folder is unlocked before it is entered
            for path in (Path(folder, name) for name in (*folders, *files)):
                if not path.is_symlink() and not path.stat().st_mode & 0o777:
                    path.chmod(0o755 if path.is_dir() else 0o644)
                    locked += 1
        self.note()
        return f"unlock {locked}" if locked else None

    def link(self) -> str | None:
        """Make another name for a document, or a link that is none."""
        path = self._any()
        if path is None:
            return None
        name = self._free(Path(path).suffix)
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        kind = self.random.choice(("hard", "soft", "hidden", "nowhere", "outside"))
        if kind == "hard":
            target.hardlink_to(self.root / path)
        elif kind == "hidden":
            hidden = f".hidden/{self.made}{Path(path).suffix}"
            self._write(hidden, self.writer.pages(path))
            target.symlink_to(self.root / hidden)
        else:
            to = {"soft": self.root / path, "nowhere": self.root / "no.md", "outside": Path(__file__)}
            target.symlink_to(to[kind])
        self.note()
        return f"link ({kind}) {name} to {path}"

    def rename(self) -> str:
        """Rename the whole folder."""
        self.made += 1
        self.root = self.root.rename(self.root.with_name(f"documents-{self.made}"))
        self.note()  # links into the folder lead nowhere now
        return f"rename the whole folder to {self.root.name}"

    def ignore(self, rules: Sequence[str]) -> str | None:
        """Leave out what one of the rules names, or nothing where there are none."""
        file = self.root / ".assistantignore"
        if rules:
            file.write_text(self.random.choice(rules) + "\n", encoding="utf-8")
        elif file.exists():
            file.unlink()
        else:
            return None
        self.steady.clear()
        return f"ignore {file.read_text(encoding='utf-8').split() if rules else 'nothing'}"

    # --- what documents are made of ---

    def question(self) -> str:
        """A few words that occur in documents, and now and then the name of one."""
        words = self.random.sample(WORDS, 4)
        path = self._any()
        return " ".join([*words, Path(path).stem] if path and self.random.random() < 0.3 else words)

    def _free(self, suffix: str) -> str:
        self.made += 1
        path = self._any() if self.random.random() < _VERSIONS else None
        if path is not None:
            return f"{path.rpartition('.')[0].rpartition('-v')[0] or path.rpartition('.')[0]}-v{self.made}{suffix}"
        name = "-".join(self.random.sample(WORDS, 2))
        return f"{self.random.choice(FOLDERS)}/{name} {self.made}{suffix}"

    def _any(self, *suffixes: str) -> str | None:
        """A document that is a file of its own, of one of these types where any are given."""
        paths = [path for path in self.paths() if not suffixes or path.endswith(suffixes)]
        own = [path for path in paths if not (self.root / path).is_symlink() and os.access(self.root / path, os.R_OK)]
        return self.random.choice(own) if own else None

    def _content(self, path: str) -> tuple[str, ...]:
        return self.contents[hashlib.sha256((self.root / path).read_bytes()).hexdigest()]

    def _write(self, path: str, pages: tuple[str, ...], in_place: bool = False) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target if in_place else target.parent / ".draft"
        if path.endswith(".pdf"):
            write_pdf(draft, pages)
        else:
            draft.write_text(pages[0], encoding="utf-8")
        self.contents[hashlib.sha256(draft.read_bytes()).hexdigest()] = pages
        if not in_place:
            draft.replace(target)
        self.note()


CHANGES: tuple[tuple[int, Callable[[Documents], str | None]], ...] = (
    (4, Documents.add),
    (6, Documents.edit),
    (3, Documents.edit_unseen),
    (4, Documents.move),
    (1, Documents.move_folder),
    (2, Documents.swap),
    (2, Documents.copy),
    (4, Documents.delete),
    (2, Documents.restore),
)


def _one_of(
    source: random.Random, changes: tuple[tuple[int, Callable[[Documents], str | None]], ...], documents: Documents
) -> str:
    """Make one of the changes, each as often as its weight says, until one had something to do."""
    while True:
        [change] = source.choices([change for _, change in changes], [weight for weight, _ in changes])
        if (said := change(documents)) is not None:
            return said


def _documents(root: Path) -> Iterator[str]:
    """What can be found by the rights that are given; nothing hidden."""
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for path in (Path(folder, name) for name in files if not name.startswith(".")):
            if path.suffix in SUFFIXES and os.path.isfile(path):  # noqa: PTH113 - false where it may not be looked at
                yield path.relative_to(root).as_posix()


def _stands(pages: tuple[str, ...], hit: Hit) -> bool:
    if hit.page is None:
        return pages[0][hit.start : hit.end] == hit.text
    return hit.page <= len(pages) and _squeezed(hit.text) in _squeezed(pages[hit.page - 1])


def _squeezed(text: str) -> str:
    return "".join(text.split())
