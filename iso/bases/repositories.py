"""The repositories of an RPM-based distribution: where they are now, and dnf's words for them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import requests
from pydantic import BaseModel, ConfigDict

from foundation.failure import Failure
from iso.bases.lock import RepositoryState
from iso.bases.sources import OWN, Sources

_INDEX = "repodata/repomd.xml"
_TIMEOUT = 30.0


class Repository(BaseModel):
    """A repository as a base's data file describes it.

    ``origin`` is the distribution it belongs to. ``path`` leads to it below that distribution's
    mirror, ``medium_path`` on its DVD; ``metalink`` or ``mirrorlist`` names mirrors. ``key`` is
    the key that signs its packages. With ``only``, these packages come from here and from nowhere
    else, and nothing else comes from here. ``for_display`` says which display protocol it is
    needed for. An ``optional`` one may be missing on a DVD; the packages of ``groups`` go with it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    origin: str
    key: str
    path: str
    medium_path: str = ""
    metalink: str = ""
    mirrorlist: str = ""
    only: tuple[str, ...] = ()
    priority: int = 99
    for_display: str = ""
    optional: bool = False
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """A repository and where it is read from: a ``baseurl``, or the distribution's mirrors.

    ``shown`` is its name for a person.
    """

    name: str
    repository: Repository
    baseurl: str
    shown: str


def locate(
    repositories: dict[str, Repository],
    own_origin: str,
    sources: Sources,
    served_media: dict[str, str],
) -> dict[str, Place]:
    """Where each repository is read from; optional ones that a given place lacks are left out.

    ``served_media`` maps origins to the addresses of their media. Raises Failure when a place
    that was named cannot be reached or lacks a repository, and when only media were given and one
    repository is on none of them.
    """
    known = {repository.origin for repository in repositories.values()} | {OWN}
    for origin in (*sources.mirrors, *sources.media):
        if origin not in known:
            raise Failure(
                f"The base takes nothing from {origin}.",
                f"It takes packages from {', '.join(sorted(known - {OWN}))}.",
            )
    places = {}
    for name, repository in repositories.items():
        origin = OWN if repository.origin == own_origin else repository.origin
        alias = {origin, repository.origin}
        mirror = next((sources.mirrors[key] for key in alias if key in sources.mirrors), None)
        medium = next((key for key in alias if key in sources.media), None)
        if medium is not None:
            root, shown = served_media[medium], sources.media[medium].name
            paths = (repository.medium_path or repository.path, repository.path)
        elif mirror is not None:
            root = shown = _address(mirror)
            paths = (repository.path, repository.medium_path or repository.path)
        elif sources.media:
            if repository.optional:
                continue
            raise Failure(
                f"{name} comes from {repository.origin}, which is on no medium given.",
                f"Give --source {repository.origin}=DVD.iso or --mirror {repository.origin}=URL"
                + (", or build with --display vnc." if repository.for_display else "."),
            )
        else:
            places[name] = Place(name, repository, "", f"the mirrors of {repository.origin}")
            continue
        baseurl = _found_below(root, paths, shown, name)
        if baseurl is not None:
            places[name] = Place(name, repository, baseurl, shown)
        elif not repository.optional:
            raise Failure(
                f"{shown} has no repository {name}: there is no {paths[0]}/{_INDEX}.",
                "Name the folder above the repositories, laid out as the distribution's own are.",
            )
    return places


def _address(mirror: str) -> str:
    if "://" in mirror:
        return mirror
    folder = Path(mirror).absolute()
    if not folder.is_dir():
        raise Failure(f"The mirror {mirror} is no folder.", "Give a URL or a folder.")
    return f"file://{folder}"


def _found_below(root: str, paths: tuple[str, ...], shown: str, name: str) -> str | None:
    """The address of the repository at the first of ``paths`` that holds an index."""
    for path in dict.fromkeys(paths):
        index = _read(f"{root}/{path}/{_INDEX}", shown)
        if index is None:
            continue
        if b"<repomd" not in index:
            raise Failure(
                f"{shown} is not a package repository: {path}/{_INDEX} is something else ({name}).",
                "Check the address; a log-in page or an error page may have answered.",
            )
        return f"{root}/{path}"
    return None


def _read(url: str, shown: str) -> bytes | None:
    if url.startswith("file://"):
        path = Path(url.removeprefix("file://"))
        return path.read_bytes() if path.is_file() else None
    try:
        answer = requests.get(url, timeout=_TIMEOUT)
    except requests.RequestException as error:
        raise Failure(
            f"The mirror {shown} could not be reached.",
            "Check its address and this machine's network, or name another with --mirror.",
            details=str(error),
        ) from error
    if answer.status_code == 404:
        return None
    if not answer.ok:
        raise Failure(
            f"The mirror {shown} refuses to answer: {answer.status_code} {answer.reason}.",
            "Check its address, or name another with --mirror.",
        )
    return answer.content


def repository_text(place: Place, keys: dict[str, Path], taken_elsewhere: tuple[str, ...]) -> str:
    """The repository's section in dnf's configuration (dnf.conf(5)).

    ``taken_elsewhere`` are packages that must not come from here.
    """
    repository = place.repository
    lines = [
        f"[{place.name}]",
        f"name={place.name}",
        f"gpgkey=file://{keys[repository.key]}",
        f"priority={repository.priority}",
    ]
    if place.baseurl:
        lines.append(f"baseurl={place.baseurl}")
    elif repository.metalink:
        lines.append(f"metalink={repository.metalink}")
    else:
        lines.append(f"mirrorlist={repository.mirrorlist}")
    if repository.only:
        lines.append(f"includepkgs={' '.join(repository.only)}")
    if taken_elsewhere:
        lines.append(f"excludepkgs={' '.join(taken_elsewhere)}")
    return "\n".join(lines) + "\n"


def states(places: dict[str, Place], dnf_cache: Path) -> dict[str, RepositoryState]:
    """The state in which dnf read each repository, from the indexes that it keeps."""
    found = {}
    for name, place in places.items():
        for index in sorted(dnf_cache.glob(f"{name}-*/{_INDEX}")):
            content = index.read_bytes()
            revision = re.search(rb"<revision>([^<]*)</revision>", content)
            found[name] = RepositoryState(
                place=place.shown
                if place.baseurl.startswith(("http://127.0.0.1:", "file://"))
                else place.baseurl or place.repository.metalink or place.repository.mirrorlist,
                revision=revision.group(1).decode() if revision else "",
                sha256=hashlib.sha256(content).hexdigest(),
            )
    return found
