"""What is promised of making a bundle: real wheels of our own, real models, a real index, and the same bytes again."""

import hashlib
import io
import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.bundle import lock, package, signature, target
from assistant.bundle.make import Made, Order, make
from assistant.bundle.store import stored
from assistant.bundle.verify import verify
from assistant.bundle.wheels import gathered
from assistant.errors import AssistantError, BundleRefused, IndexInUse, IndexUnusable, ModelMissing, UsageError
from assistant.storage.lock import writer
from tests.bundled import unpacked
from tests.company import Company

HERE = target.here()
CONFIG = "application/vnd.docker.container.image.v1+json"
WEIGHTS = "application/vnd.ollama.image.model"
LICENSE = "application/vnd.ollama.image.license"


class Store:
    """A folder of models as an Ollama server keeps it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {"OLLAMA_MODELS": str(folder)}
        (folder / "blobs").mkdir(parents=True)

    def blob(self, data: bytes) -> str:
        value = hashlib.sha256(data).hexdigest()
        (self.folder / "blobs" / f"sha256-{value}").write_bytes(data)
        return f"sha256:{value}"

    def model(self, within: str, config: bytes = b"{}", weights: bytes = b"GGUF") -> Path:
        layers = [(WEIGHTS, weights), (LICENSE, b"\n  Apache License\nVersion 2.0")]
        described = [{"mediaType": kind, "digest": self.blob(data), "size": len(data)} for kind, data in layers]
        manifest = {
            "config": {"mediaType": CONFIG, "digest": self.blob(config), "size": len(config)},
            "layers": described,
        }
        path = self.folder / "manifests" / within
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(manifest))
        return path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "models")
    made.model("registry.ollama.ai/library/tiny/latest")
    made.blob(b"of another model")
    (made.folder / "blobs" / ".DS_Store").write_bytes(b"x")
    (made.folder / "manifests/registry.ollama.ai/library/tiny/._latest").write_bytes(b"x")
    return made


@pytest.fixture
def order(tmp_path: Path) -> Order:
    """For a bundle without other people's wheels: nothing is downloaded."""
    (tmp_path / "empty.lock").write_text("")
    return Order(tmp_path / "out.tar", (HERE,), cache=tmp_path / "cache", lock=tmp_path / "empty.lock")


def silent(_: str) -> None:
    pass


# -- models


def test_a_model_is_its_manifest_and_the_blobs_that_it_names_and_nothing_else(store: Store) -> None:
    files = stored("tiny", store.environ)
    assert [file.entry.path.split("/")[1] for file in files] == ["manifests", "blobs", "blobs", "blobs"]
    for file in files:
        assert file.entry.sha256 == hashlib.sha256(file.path.read_bytes()).hexdigest()
        assert file.entry.size == file.path.stat().st_size
    assert {(file.entry.license, file.entry.source) for file in files} == {
        ("Apache License", "Ollama's store: tiny:latest")
    }


@pytest.mark.parametrize("name", ["gpt:cloud", "gpt:120b-cloud", "remote", "host-only"])
def test_a_model_that_runs_elsewhere_is_refused(name: str, store: Store) -> None:
    store.model("registry.ollama.ai/library/remote/latest", b'{"remote_host": "https://example.org:443"}')
    store.model("registry.ollama.ai/library/host-only/latest", b'{"remote_model": "gpt"}')
    with pytest.raises(ModelMissing, match="another machine"):
        stored(name, store.environ)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b/c/d", "/x", "", "tiny:../x", "tiny:", "a b"])
def test_what_is_no_models_name_is_refused(name: str, store: Store) -> None:
    with pytest.raises(ModelMissing, match="not the name"):
        stored(name, store.environ)


def test_models_of_other_owners_and_registries_are_found(store: Store) -> None:
    store.model("registry.ollama.ai/somebody/theirs/7b")
    store.model("hf.co/somebody/gguf/Q4_K_M")
    assert stored("somebody/theirs:7b", store.environ)[0].path.is_file()
    assert stored("hf.co/somebody/gguf:Q4_K_M", store.environ)[0].path.is_file()
    with pytest.raises(ModelMissing, match="no model absent"):
        stored("absent", store.environ)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"config": {"digest": "sha256:../x", "size": 1}, "layers": []}'])
def test_a_damaged_manifest_of_a_model_is_told(text: str, store: Store) -> None:
    (store.folder / "manifests/registry.ollama.ai/library/tiny/latest").write_text(text)
    with pytest.raises(AssistantError, match="damaged in Ollama"):
        stored("tiny", store.environ)


def test_a_blob_that_is_not_what_its_digest_says_stops_the_bundle(
    store: Store, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_MODELS", str(store.folder))
    weights = store.folder / "blobs" / store.blob(b"GGUF").replace(":", "-")
    weights.write_bytes(b"GGUX")
    with pytest.raises(BundleRefused, match="is not, or no longer"):
        make(replace(order, models=("tiny",)), silent)
    assert not list(order.out.parent.glob("out.tar*"))


# -- the package and the lock


def test_the_packages_wheel_is_what_its_build_backend_makes_of_it(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=Path(__file__).parent.parent, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as built, zipfile.ZipFile(io.BytesIO(package.wheel())) as ours:
        assert set(ours.namelist()) == set(built.namelist())
        code = [name for name in built.namelist() if ".dist-info/" not in name]
        assert all(ours.read(name) == built.read(name) for name in code)
    assert package.wheel() == package.wheel()


def test_the_lock_goes_along_and_names_each_package_once_for_each_machine() -> None:
    requirements = lock.requirements(lock.LOCK.read_text(encoding="utf-8"))
    assert lock.LOCK.read_text(encoding="utf-8").count("--hash=") == sum(len(item.hashes) for item in requirements)
    for name in ("linux-x86_64-cp311", "linux-aarch64-cp312", "macos-arm64-cp313"):
        needed = [item.name for item in requirements if item.is_for(target.parse(name))]
        assert len(needed) == len(set(needed))
        assert {"chromadb", "onnxruntime", "numpy", "tokenizers"} <= set(needed)


@pytest.mark.parametrize("name", ["windows-x86_64", "linux", "linux-x86_64-cp310", "linux-arm64", "macos-x86_64", "x"])
def test_a_machine_that_no_bundle_can_be_for_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="--platform"):
        target.parse(name)


def test_a_target_takes_the_wheels_of_its_machine_and_no_others() -> None:
    linux, mac = target.parse("linux-aarch64-cp312"), target.parse("macos-arm64-cp312")
    names = {str(tag) for tag in linux.tags}
    assert {"cp312-cp312-manylinux_2_28_aarch64", "cp39-abi3-manylinux2014_aarch64", "py3-none-any"} <= names
    assert not {"cp312-cp312-manylinux_2_34_aarch64", "cp313-cp313-manylinux2014_aarch64"} & names
    assert {"cp312-cp312-macosx_14_0_arm64", "cp312-cp312-macosx_11_0_universal2"} <= {str(tag) for tag in mac.tags}


def test_what_the_cache_holds_is_not_downloaded_and_what_is_damaged_there_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = zipped("one-1.0.dist-info/METADATA", b"Name: one\nVersion: 1.0\nLicense-Expression: MIT\n")
    path = tmp_path / str(HERE) / "one-1.0-py3-none-any.whl"
    path.parent.mkdir()
    path.write_bytes(data)
    needed = [lock.Requirement("one", "1.0", "", frozenset([hashlib.sha256(data).hexdigest()]))]
    monkeypatch.setenv("PIP_NO_INDEX", "1")  # whatever would be downloaded fails
    assert [wheel.path for wheel in gathered(needed, HERE, tmp_path, silent)] == [path]
    path.write_bytes(data + b"x")
    with pytest.raises(UsageError, match=f"one has no wheel for {HERE}"):
        gathered(needed, HERE, tmp_path, silent)


def zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, data)
    return out.getvalue()


# -- the whole


def test_the_same_inputs_make_the_same_bytes_and_everything_is_described(
    store: Store, order: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_MODELS", str(store.folder))
    server = tmp_path / "ollama-linux-amd64.tgz"
    server.write_bytes(b"server")
    whole = replace(order, models=("tiny",), server=server)
    first = make(whole, silent)
    data = order.out.read_bytes()
    assert first.sha256 == hashlib.sha256(data).hexdigest()
    assert make(replace(whole, models=("tiny:latest",)), silent).sha256 == first.sha256
    listed = {entry.path: entry for entry in verify(order.out).manifest.files}
    assert all(entry.license and entry.source for entry in listed.values())
    bom = json.loads((unpacked(tmp_path, data) / "sbom.cdx.json").read_text())
    assert [(part["type"], part["name"]) for part in bom["components"]] == [
        ("machine-learning-model", "library/tiny"),
        ("application", "ollama"),
    ]
    assert "timestamp" not in json.dumps(bom)


def test_a_signature_is_checked_against_the_signers_key(order: Order, tmp_path: Path) -> None:
    if not shutil.which("ssh-keygen"):
        pytest.skip("no ssh-keygen on PATH")
    for name in ("mine", "other"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)], check=True)
    assert make(replace(order, key=tmp_path / "mine"), silent).signed
    bundle = verify(order.out)
    signature.check(bundle.manifest_bytes, bundle.signature, tmp_path / "mine.pub")
    private = (tmp_path / "mine").read_bytes().splitlines()[1]
    assert private not in order.out.read_bytes()
    with pytest.raises(BundleRefused, match="not signed by the owner"):
        signature.check(bundle.manifest_bytes, bundle.signature, tmp_path / "other.pub")
    with pytest.raises(BundleRefused, match="not signed by the owner"):
        signature.check(bundle.manifest_bytes + b" ", bundle.signature, tmp_path / "mine.pub")
    with pytest.raises(BundleRefused, match="is not signed"):
        signature.check(bundle.manifest_bytes, None, tmp_path / "mine.pub")
    with pytest.raises(UsageError, match="no public key"):
        signature.check(bundle.manifest_bytes, bundle.signature, tmp_path / "mine")


def test_an_index_goes_along_without_its_last_answer_and_only_while_nobody_writes(
    order: Order, own_company: Company
) -> None:
    index = own_company.config.index
    (index / "last.json").write_text("{}")
    with pytest.raises(UsageError, match="two indexes"):
        make(replace(order, indexes=(index, index / "other" / ".." / ".." / index.name)), silent)
    whole = replace(order, indexes=(index,))
    with writer(index), pytest.raises(IndexInUse):
        make(whole, silent)
    made: Made = make(whole, silent)
    names = [entry.path for entry in made.manifest.below(f"indexes/{index.name}")]
    assert f"indexes/{index.name}/catalog.sqlite" in names
    assert not [name for name in names if name.endswith((".lock", "/lock", "last.json"))]
    catalog = index / "catalog.sqlite"
    (index / "seal").unlink()
    catalog.write_bytes(catalog.read_bytes()[:-4096])
    with pytest.raises(IndexUnusable):
        make(whole, silent)
