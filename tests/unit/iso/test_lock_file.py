"""Which part of the lock file a host gets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from foundation.failure import Failure
from iso.lock_file import read_pins, runtime_requirements
from iso.software import PROJECT

PROJECT_FILE = """\
[project]
name = "thing"
dependencies = ["Requests>=2", "py_yaml"]
[project.optional-dependencies]
development = ["pytest"]
"""
LOCK = """\
certifi==2024.1 \\
    --hash=sha256:aa \\
    --hash=sha256:ab
    # via requests
idna==3 \\
    --hash=sha256:bb
    # via
    #   pytest
    #   requests
packaging==24 \\
    --hash=sha256:cc
    # via pytest
py-yaml==6 \\
    --hash=sha256:dd
    # via thing (pyproject.toml)
pytest==8 \\
    --hash=sha256:ee
    # via thing (pyproject.toml)
requests==2.31 \\
    --hash=sha256:ff
    # via thing (pyproject.toml)
"""


def project(tmp_path: Path, lock: str) -> Path:
    (tmp_path / "pyproject.toml").write_text(PROJECT_FILE)
    (tmp_path / "requirements.lock").write_text(lock)
    return tmp_path


def names(requirements: str) -> list[str]:
    return re.findall(r"^([A-Za-z0-9._-]+)==", requirements, re.M)


def test_only_the_closure_of_the_dependencies_is_taken(tmp_path: Path) -> None:
    requirements = runtime_requirements(project(tmp_path, LOCK))
    assert names(requirements) == ["certifi", "idna", "py-yaml", "requests"]
    assert "--hash=sha256:aa" in requirements and "--hash=sha256:ab" in requirements
    assert "--hash=sha256:cc" not in requirements


def test_a_dependency_that_is_not_locked_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Failure) as caught:
        runtime_requirements(project(tmp_path, LOCK.replace("py-yaml==6", "other==6")))
    assert "py-yaml" in caught.value.cause
    assert "make lock" in caught.value.remedy


def test_who_asked_is_read_in_both_forms() -> None:
    asked = {pin.name: pin.asked_for_by for pin in read_pins(LOCK)}
    assert asked["certifi"] == {"requests"}
    assert asked["idna"] == {"pytest", "requests"}


def test_our_hosts_get_no_development_tools_and_no_bindings() -> None:
    taken = set(names(runtime_requirements(PROJECT)))
    assert {"urwid", "pydantic", "pydantic-core", "pykickstart", "urllib3"} <= taken
    assert not taken & {"pytest", "mypy", "ruff", "libvirt-python", "pyparted", "setuptools"}
