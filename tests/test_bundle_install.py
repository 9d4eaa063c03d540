"""What is promised of the installer, on real folders, environments and file systems, without other people's wheels.

The bundle of these tests holds the assistant alone, so what is installed does not start: `scripts/LOG.md` has the trial
of a whole one.
"""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.bundle import environment, install, machine, prefix, receipt, target
from assistant.bundle.make import Order, make
from assistant.bundle.manifest import Entry, Manifest
from assistant.errors import AssistantError, BundleRefused, UsageError
from tests.bundled import files, unpacked
from tests.terminal import command
from tests.test_bundle_make import Store, silent

DOES_NOT_START = 1  # of the installer: it is all there, but the assistant alone answers nothing


@dataclass(frozen=True, slots=True)
class Laptop:
    """An unpacked bundle and an empty home."""

    bundle: Path
    home: Path

    @property
    def prefix(self) -> Path:
        return self.home / "as sistant"

    def install(self, *arguments: str, environ: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["sh", str(self.bundle / "install.sh"), "--prefix", str(self.prefix), *arguments],
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.home), "PYTHON": sys.executable, **(environ or {})},
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def install_and_kill(self) -> None:
        """Start the installer, and kill it in the middle of making the environment."""
        command = ["sh", str(self.bundle / "install.sh"), "--prefix", str(self.prefix)]
        environ = {"PATH": "/usr/bin:/bin", "HOME": str(self.home), "PYTHON": sys.executable}
        with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, process_group=0) as running:
            while not list(self.prefix.glob("versions/*/bin/python")):
                assert running.poll() is None
                time.sleep(0.01)
            os.killpg(running.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle with the assistant, a model and an index of one file."""
    folder = tmp_path_factory.mktemp("bundle")
    store = Store(folder / "models")
    store.model("registry.ollama.ai/library/tiny/latest")
    (folder / "empty.lock").write_text("")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLLAMA_MODELS", str(store.folder))
        out = folder / "out.tar"
        make(Order(out, (target.here(),), ("tiny",), cache=folder, lock=folder / "empty.lock"), silent)
    return unpacked(folder, out.read_bytes())


@pytest.fixture
def laptop(bundle: Path, tmp_path: Path) -> Laptop:
    (tmp_path / "home").mkdir()
    return Laptop(bundle, tmp_path / "home")


def asked_by_pip(folder: Path) -> tuple[Path, Path]:
    """A folder with a program that pip asks for its version, and the file that this program then leaves."""
    program, trace = folder / "bin" / "rustc", folder / "asked"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ntouch {trace}\n")
    program.chmod(0o755)
    return program.parent, trace


def test_it_installs_verifies_mends_and_removes_without_a_trace_and_any_other_program(
    laptop: Laptop, tmp_path: Path
) -> None:
    models = laptop.home / ".ollama" / "models"
    theirs = models / "blobs" / "sha256-theirs"
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(b"of another model")

    laptop.install_and_kill()
    others, asked = asked_by_pip(tmp_path)
    first = laptop.install(environ={"PATH": f"{others}:/usr/bin:/bin"})
    assert not asked.exists(), "pip ran a program of the person's"
    assert first.returncode == DOES_NOT_START
    assert "it is installed" in first.stderr
    assert (models / "manifests/registry.ollama.ai/library/tiny/latest").is_file()
    assert receipt.verify(laptop.prefix).version == "0.1.0"

    (laptop.prefix / "bin" / "assistant").unlink()
    (laptop.prefix / "bin" / "assistant").symlink_to("/bin/true")
    with pytest.raises(BundleRefused, match="a link below"):
        receipt.verify(laptop.prefix)
    module = next(laptop.prefix.glob("versions/*/lib/python*/site-packages/assistant/errors.py"))
    module.write_text("# changed\n")
    with pytest.raises(BundleRefused, match=r"errors\.py \(changed\)") as told:
        receipt.verify(laptop.prefix)
    assert told.value.hint == "Install it again from its bundle."
    again = laptop.install()
    assert "Making it anew" in again.stdout
    assert receipt.verify(laptop.prefix)
    (laptop.prefix / "indexes" / "mine").mkdir(parents=True)
    (laptop.prefix / "indexes" / "mine" / "notes").write_text("x")

    assert "installed already" in laptop.install().stdout
    assert laptop.install("--uninstall").returncode == 0
    assert files(laptop.prefix) == {"indexes", "indexes/mine", "indexes/mine/notes"}
    assert {path for path in models.rglob("*") if path.is_file()} == {theirs}


def own_version(folder: Path, name: str = "0.1.0-0123456789ab") -> Path:
    """An installation of one program, with its receipt, in use."""
    version = folder / "versions" / name
    prefix.mark(folder)
    prefix.mark(version)
    (version / "bin").mkdir()
    (version / "bin" / "assistant").write_text("#!/bin/sh\n")
    receipt.write(receipt.taken(version, "0.1.0", name[-12:] + "0" * 52, "", ()), version)
    environment.use(version)
    return version


def pyenv(folder: Path) -> Path:
    """Another program's versions, one of them in use."""
    (folder / "versions" / "3.12.1" / "bin").mkdir(parents=True)
    (folder / "versions" / "3.12.1" / "bin" / "python").write_text("theirs")
    (folder / "current").symlink_to("versions/3.12.1")
    return folder


def test_versions_of_another_program_are_neither_replaced_nor_removed(tmp_path: Path) -> None:
    theirs = pyenv(tmp_path / "pyenv")
    mixed = own_version(tmp_path / "mixed").parent.parent
    (mixed / "versions" / "3.12.1").mkdir()
    linked = own_version(tmp_path / "linked").parent.parent
    (linked / "versions" / "0.2.0-0123456789ab").symlink_to(theirs)
    alike = tmp_path / "alike"
    (alike / "versions" / "1.0-0123456789ab" / "work").mkdir(parents=True)
    empty = tmp_path / "empty"
    (empty / "versions").mkdir(parents=True)
    before = files(tmp_path)
    for folder in (theirs, mixed, linked, alike, empty):
        with pytest.raises(UsageError, match=r"not of the assistant|nothing of the assistant"):
            machine.check_prefix(folder, tmp_path / "bundle")
        with pytest.raises(UsageError, match=r"not of the assistant|nothing of the assistant"):
            install.uninstall(folder)
    environment.remove_others(mixed / "versions" / "0.1.0-0123456789ab")
    assert files(tmp_path) == before


def test_what_is_half_made_is_known_by_its_mark_and_what_is_whole_by_its_receipt(tmp_path: Path) -> None:
    version = own_version(tmp_path / "old")
    (version / receipt.MARK).unlink()
    half = tmp_path / "old" / "versions" / "0.2.0-ba9876543210"
    prefix.mark(half)
    (half / "lib").mkdir()
    machine.check_prefix(tmp_path / "old", tmp_path / "bundle")
    environment.remove_others(version)
    assert [path.name for path in version.parent.iterdir()] == [version.name]
    install.uninstall(tmp_path / "old")
    assert not files(tmp_path)


def test_it_installs_beside_what_an_uninstallation_leaves(tmp_path: Path) -> None:
    (tmp_path / "indexes" / "mine").mkdir(parents=True)
    (tmp_path / "settings.toml").touch()
    machine.check_prefix(tmp_path, tmp_path.parent / "bundle")
    with pytest.raises(UsageError, match="nothing of the assistant"):
        install.uninstall(tmp_path)
    with pytest.raises(KeyboardInterrupt), install._alone(tmp_path):
        raise KeyboardInterrupt
    assert files(tmp_path) == {"indexes", "indexes/mine", "settings.toml"}
    (tmp_path / "letter.txt").touch()
    with pytest.raises(UsageError, match="nothing of the assistant"):
        machine.check_prefix(tmp_path, tmp_path.parent / "bundle")


def test_a_failed_first_installation_leaves_what_somebody_else_put_there(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), install._alone(tmp_path / "new" / "place"):
        prefix.mark(tmp_path / "new" / "place" / "versions" / "0.1.0-0123456789ab")
        (tmp_path / "new" / "theirs").touch()
        raise KeyboardInterrupt
    assert files(tmp_path) == {"new", "new/theirs"}


@pytest.mark.parametrize("path", ["bin/more", "bin/.more", "versions/more", "versions/.more"])
def test_what_is_added_beside_the_program_is_refused(path: str, tmp_path: Path) -> None:
    own_version(tmp_path)
    assert receipt.verify(tmp_path).version == "0.1.0"
    (tmp_path / path).touch()
    with pytest.raises(BundleRefused, match=r"more' is not of the installation"):
        receipt.verify(tmp_path)


def test_what_is_added_at_the_top_is_named(tmp_path: Path) -> None:
    own_version(tmp_path)
    (tmp_path / "indexes").mkdir()
    assert prefix.strangers(tmp_path) == []
    (tmp_path / "more\n").touch()
    done = command("verify", tmp_path, "--json")
    assert done.record["said"] == "an installation; not of it, and not checked: 'more\\n'"


@pytest.mark.parametrize("path", [".", "bin", "versions", "current/.", "current/bin", "current/bin/assistant"])
def test_what_others_may_write_is_refused(path: str, tmp_path: Path) -> None:
    own_version(tmp_path)
    (tmp_path / path).chmod(0o757)
    with pytest.raises(BundleRefused, match="others may write"):
        receipt.verify(tmp_path)
    if not path.startswith("current"):  # what the installer does not make anew
        with pytest.raises(BundleRefused, match="others may write"):
            machine.check_prefix(tmp_path, tmp_path.parent / "bundle")


def test_a_program_that_runs_as_its_owner_is_refused(tmp_path: Path) -> None:
    version = own_version(tmp_path)
    (version / "bin" / "assistant").chmod(0o755 | stat.S_ISUID)
    with pytest.raises(BundleRefused, match="setuid"):
        receipt.verify(tmp_path)


def test_whatever_the_umask_is_others_may_not_write(tmp_path: Path) -> None:
    for given, used in ((0o000, 0o022), (0o077, 0o077)):
        program = f"import os; os.umask({given}); from assistant.bundle.install import main; "
        program += f"main('', ['--uninstall', '--prefix', {str(tmp_path / 'none')!r}]); print(os.umask(0))"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert int(done.stdout) == used


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[2J", "a\u202eb"])
def test_a_place_whose_name_cannot_be_shown_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be shown") as told:
        machine.check_prefix(tmp_path / name, tmp_path / "bundle")
    assert str(told.value).isprintable()


def test_a_damaged_bundle_writes_nothing(laptop: Laptop, tmp_path: Path) -> None:
    own = Laptop(tmp_path / "copy", laptop.home)
    shutil.copytree(laptop.bundle, own.bundle)
    wheel = next((own.bundle / "wheels").iterdir())
    for path in (own.bundle / "README.txt", own.bundle / "install.sh", wheel, own.bundle / "MANIFEST.json"):
        data = path.read_bytes()
        path.write_bytes(data[:50] + bytes([data[50] ^ 1]) + data[51:])
        refused = own.install()
        assert refused.returncode not in (0, DOES_NOT_START) or "damaged" in refused.stderr
        assert not files(laptop.home)
        path.write_bytes(data)
    (own.bundle / "wheels" / "more.whl").touch()
    assert "more.whl (not listed)" in own.install().stderr
    assert not files(laptop.home)


def test_it_needs_the_python_that_the_bundle_is_for(laptop: Laptop, tmp_path: Path) -> None:
    nowhere = str(tmp_path)
    shell = shutil.which("sh")
    assert shell
    done = subprocess.run(
        [shell, str(laptop.bundle / "install.sh")],
        env={"PATH": nowhere, "HOME": nowhere},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"for Python 3.{sys.version_info.minor}; there is none here" in done.stderr


def manifest(name: str, oldest: str) -> Manifest:
    return Manifest("0.1.0", {name: oldest}, ())


def test_a_machine_that_the_wheels_do_not_run_on_is_told_so() -> None:
    here = str(target.here())
    machine.check_system(manifest(here, "0.0"))
    with pytest.raises(UsageError, match=f"this machine is {here}"):
        machine.check_system(manifest("linux-riscv64-cp311", "2.28"))
    with pytest.raises(UsageError, match=r"99\.1 or newer"):
        machine.check_system(manifest(here, "99.1"))


def test_a_place_that_is_no_place_is_told_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / "full", tmp_path / "bundle" / "x"):
        with pytest.raises(UsageError):
            machine.check_prefix(place, tmp_path / "bundle")
    machine.check_prefix(tmp_path / "new" / "place", tmp_path / "bundle")


def test_a_disk_without_room_is_told_with_figures(tmp_path: Path) -> None:
    whole = Manifest("0.1.0", {}, (Entry("models/blobs/x", 1 << 60, "0" * 64),))
    with pytest.raises(AssistantError, match="MB are needed"):
        machine.check_room(tmp_path, whole, tmp_path / "prefix", tmp_path / "store")
    machine.check_room(tmp_path, whole, tmp_path / "prefix", None)


def test_a_running_version_is_named_before_its_files_go(tmp_path: Path) -> None:
    program = tmp_path / "versions" / "1" / "python"
    program.parent.mkdir(parents=True)
    program.symlink_to("/bin/sleep")
    machine.check_idle(tmp_path)
    with subprocess.Popen([program, "60"]) as running:
        time.sleep(0.05)
        with pytest.raises(AssistantError, match=f"process {running.pid}"):
            machine.check_idle(tmp_path)
        running.kill()
    machine.check_idle(tmp_path)


def test_the_installer_imports_nothing_but_the_standard_library() -> None:
    program = "import sys, assistant.bundle.install; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) - sys.stdlib_module_names == {"assistant", "__main__"} - sys.stdlib_module_names
