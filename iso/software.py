"""The project's own software as a prefix of its own in the image: ``/usr/lib/flexvdi``.

The prefix has the form of a virtual environment that sees the distribution's packages: Python,
libvirt and parted come from there, all else from wheels pinned by hash in the lock file, chosen
for the Python of the base and never for the one that runs the build.
"""

from __future__ import annotations

import os
import shutil
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

from foundation.failure import Failure
from foundation.process import ProcessFailed, run
from iso.bases.model import Base
from iso.cache import Cache, key_of, key_of_files
from iso.chroot import EXCHANGE, run_in
from iso.image_kind import ImageKind
from iso.lock_file import runtime_requirements

PREFIX = Path("usr/lib/flexvdi")
PROJECT = Path(__file__).resolve().parent.parent
VERSION = 2
_DOWNLOAD_TIMEOUT = 900.0

_LAUNCHER = """\
#!/{prefix}/bin/python3 -I
import sys

from {module} import {function}

sys.exit({function}())
"""


def dependencies(
    kind: ImageKind, base: Base, root: Path, cache: Cache, on_line: Callable[[str], None]
) -> Path:
    """A folder of installed, compiled run-time dependencies (a cache entry)."""
    wanted = runtime_requirements(PROJECT, kind.extras)
    key = key_of(VERSION, wanted, base.python_version, base.python_platforms, root.parent.name)

    def make(folder: Path) -> None:
        requirements = folder / "requirements.txt"
        requirements.write_text(wanted)
        wheels = folder / "wheels"
        _download(base, requirements, wheels, on_line)
        _install(base, sorted(wheels.glob("*.whl")), folder / "site-packages")
        shutil.rmtree(wheels)
        _compile(base, root, folder)

    return cache.entry("dependencies", key, make) / "site-packages"


def project(kind: ImageKind, base: Base, root: Path, cache: Cache) -> Path:
    """A folder of the project itself, installed and compiled (a cache entry)."""
    packages = project_packages(kind)
    sources = [key_of_files(folder_of(name)) for name in packages]
    definition = (PROJECT / "pyproject.toml").read_text()
    key = key_of(VERSION, packages, sources, definition, base.python_version, root.parent.name)

    def make(folder: Path) -> None:
        source = folder / "source"
        source.mkdir()
        for name in packages:
            _copy_package(name, source)
        (source / "pyproject.toml").write_text(definition)
        (source / "README.md").touch()
        wheels = folder / "wheels"
        _pip(
            "wheel",
            "--no-deps",
            "--no-index",
            "--no-build-isolation",
            "-w",
            str(wheels),
            str(source),
        )
        _install(base, sorted(wheels.glob("*.whl")), folder / "site-packages")
        shutil.rmtree(wheels)
        shutil.rmtree(source)
        _compile(base, root, folder)

    return cache.entry("project", key, make) / "site-packages"


def project_packages(kind: ImageKind) -> tuple[str, ...]:
    """The project's packages in an image of ``kind``; raises Failure outside a checkout."""
    if not (PROJECT / "pyproject.toml").is_file():
        raise Failure(
            "Images are built from a checkout of the project, which this is not.",
            "Run the command from the project's virtual environment (make set-up).",
        )
    return kind.packages


def folder_of(package: str) -> Path:
    """The folder of a (dotted) package of the project."""
    return PROJECT.joinpath(*package.split("."))


def entry_points(kind: ImageKind) -> dict[str, str]:
    """Commands of the project in an image of ``kind``, and the ``module:function`` they call."""
    scripts: dict[str, str] = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"][
        "scripts"
    ]
    return {
        command: target
        for command, target in sorted(scripts.items())
        if any(target.startswith(f"{package}.") for package in kind.packages)
    }


def _copy_package(package: str, source: Path) -> None:
    """Copy a package below ``source``; of those around a dotted one only what makes them one."""
    place = source.joinpath(*package.split("."))
    shutil.copytree(
        folder_of(package), place, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True
    )
    around = package
    while "." in around:
        around = around.rpartition(".")[0]
        inside = Path(*around.split("."), "__init__.py")
        shutil.copyfile(PROJECT / inside, source / inside)


def project_version() -> str:
    """The version in pyproject.toml."""
    version: str = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    return version


def lay_prefix(kind: ImageKind, base: Base, tree: Path, *site_packages: Path) -> None:
    """Make the prefix in ``tree`` from installed ``site_packages`` and write the launchers."""
    prefix = tree / PREFIX
    library = tree / _library(base)
    library.mkdir(parents=True)
    for installed in site_packages:
        shutil.copytree(installed, library, symlinks=True, dirs_exist_ok=True)
    binaries = prefix / "bin"
    binaries.mkdir(exist_ok=True)
    (binaries / "python3").symlink_to("/usr/bin/python3")
    (prefix / "pyvenv.cfg").write_text(
        f"home = /usr/bin\ninclude-system-site-packages = true\nversion = {base.python_version}\n"
    )
    for command, target in entry_points(kind).items():
        module, function = target.split(":")
        launcher = binaries / command
        launcher.write_text(_LAUNCHER.format(prefix=PREFIX, module=module, function=function))
        launcher.chmod(0o755)
        (tree / "usr/bin" / command).symlink_to(f"/{PREFIX}/bin/{command}")


def _library(base: Base) -> Path:
    return PREFIX / "lib" / f"python{base.python_version}" / "site-packages"


def _download(base: Base, requirements: Path, wheels: Path, on_line: Callable[[str], None]) -> None:
    """Fetch what ``requirements`` pins; projects that publish no wheel are built into one."""
    fetched = wheels.parent / "fetched"
    platforms = [f"--platform={platform}" for platform in base.python_platforms]
    try:
        _pip(
            "download", "--require-hashes", "--no-deps", "--no-build-isolation", "--prefer-binary",
            "--implementation=cp", f"--python-version={base.python_version}", *platforms,
            "--dest", str(fetched), "--requirement", str(requirements), on_line=on_line,
        )  # fmt: skip
    except ProcessFailed as failure:
        raise Failure(
            f"The Python packages in requirements.lock could not be fetched: {failure.cause}",
            "Check that this machine reaches its Python package index (see pip config list).",
            details=failure.details,
        ) from failure
    wheels.mkdir()
    for path in sorted(fetched.iterdir()):
        if path.suffix == ".whl":
            path.rename(wheels / path.name)
        else:
            _pip(
                "wheel",
                "--no-deps",
                "--no-index",
                "--no-build-isolation",
                "-w",
                str(wheels),
                str(path),
            )
    shutil.rmtree(fetched)


def _install(base: Base, wheels: list[Path], target: Path) -> None:
    """Unpack wheels; pip refuses those that do not run on the base's Python."""
    platforms = [f"--platform={platform}" for platform in base.python_platforms]
    _pip(
        "install", "--no-deps", "--no-index", "--no-compile", "--only-binary=:all:",
        "--implementation=cp", f"--python-version={base.python_version}", *platforms,
        "--target", str(target), *map(str, wheels),
    )  # fmt: skip
    shutil.rmtree(target / "bin", ignore_errors=True)
    for origin in target.glob("*.dist-info/direct_url.json"):
        origin.unlink()  # it holds the path of the wheel on the building machine
        record = origin.with_name("RECORD")
        lines = record.read_text().splitlines(keepends=True)
        record.write_text("".join(line for line in lines if origin.name not in line))


def _compile(base: Base, root: Path, folder: Path) -> None:
    """Byte-compile with the base's own Python, under the path the files will have in the image.

    Unchecked hashes: a start of a command must not compare time stamps of hundreds of files.
    """
    installed = EXCHANGE / "site-packages"
    run_in(
        root,
        [
            "python3", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash",
            "-s", str(installed), "-p", f"/{_library(base)}", str(installed),
        ],
        exchange=folder,
        timeout=600,
    )  # fmt: skip


def _pip(*arguments: str, on_line: Callable[[str], None] | None = None) -> None:
    run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments],
        timeout=_DOWNLOAD_TIMEOUT,
        environment={"SOURCE_DATE_EPOCH": "315532800", "PYTHONHASHSEED": "0", **_pip_settings()},
        on_line=on_line,
    )


def _pip_settings() -> dict[str, str]:
    """The person's own settings of pip: index, certificates, cache."""
    return {name: text for name, text in os.environ.items() if name.startswith("PIP_")}
