"""``flexvdi-iso``: builds host images and media, puts kickstarts into them, verifies them."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from foundation.appliance_manifest import APPLIANCE_MANIFEST_NAME, ApplianceManifest
from foundation.command_line import OneLineParser, run_command
from foundation.failure import Failure
from foundation.manifest import Artefact
from iso import bases
from iso import embed as embedding
from iso.bases.lock import write_lock
from iso.bases.model import Base
from iso.bases.sources import sources_from
from iso.build import Order, build, netboot_folder
from iso.cache import Cache, default_cache
from iso.inspect import inspect
from iso.progress import Progress
from iso.root_tree import root_key, root_tree


def main() -> int:
    """Entry point of the command."""
    return run_command(_main, sys.argv[1:])


def parser() -> OneLineParser:
    """The command's arguments."""
    top = OneLineParser(prog="flexvdi-iso", description="Install media of flexVDI.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    making = commands.add_parser("build", help="build a host image, an ISO and a network-boot set")
    _add_base(making)
    making.add_argument("--output", type=Path, help="the ISO (default: build/flexvdi-BASE.iso)")
    making.add_argument("--kickstart", type=Path, help="embed this kickstart")
    making.add_argument("--kernel-arguments", default="", help="added to every boot menu entry")
    carrying = making.add_mutually_exclusive_group()
    carrying.add_argument(
        "--manager-image",
        type=Path,
        metavar="FILE",
        help="carry this image of the Manager (default: the one below build/, if there is one)",
    )
    carrying.add_argument(
        "--no-manager-image", action="store_true", help="carry no image of the Manager"
    )
    making.add_argument("--refresh", action="store_true", help="fetch the base's packages anew")

    locking = commands.add_parser("lock", help="write down exactly what a base is made of today")
    _add_base(locking)

    putting = commands.add_parser("embed", help="put a kickstart into a finished ISO")
    putting.add_argument("iso", type=Path)
    putting.add_argument("kickstart", type=Path, nargs="?")
    putting.add_argument("--remove", action="store_true", help="take the kickstart out instead")
    putting.add_argument("--kernel-arguments", default="", help="added to every boot menu entry")

    looking = commands.add_parser("inspect", help="show and verify what is in an ISO")
    looking.add_argument("iso", type=Path)
    looking.add_argument("--json", action="store_true", help="print JSON")

    listing = commands.add_parser("bases", help="list the distributions to build on")
    listing.add_argument("--json", action="store_true", help="print JSON")
    return top


def _add_base(verb: OneLineParser) -> None:
    verb.add_argument(
        "--base", required=True, help="see `flexvdi-iso bases`; or a data file (….toml)"
    )
    verb.add_argument(
        "--mirror",
        action="append",
        default=[],
        metavar="[DISTRIBUTION=]PLACE",
        help="a mirror (URL or folder) of the base's or of another distribution",
    )
    verb.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="[DISTRIBUTION=]ISO",
        help="an install DVD instead of a mirror; needs no network",
    )
    verb.add_argument(
        "--display",
        choices=("spice", "vnc"),
        help="the best display protocol to serve (default: all that the base can)",
    )
    verb.add_argument("--cache", type=Path, help="default: FLEXVDI_CACHE, ~/.cache/flexvdi")


def _main(arguments: Sequence[str]) -> int:
    top = parser()
    given = top.parse_args(arguments)
    if given.command == "embed" and bool(given.kickstart) == given.remove:
        top.error("embed: give either a kickstart or --remove")
    if given.command == "embed" and given.remove and given.kernel_arguments:
        top.error("embed: --remove takes out kernel arguments too")
    return {"build": _build, "lock": _lock, "embed": _embed, "inspect": _inspect, "bases": _bases}[
        given.command
    ](given)


def _base(given: Namespace) -> Base:
    base = bases.load(given.base)
    return base.with_display(given.display) if given.display else base


def _cache(given: Namespace) -> Cache:
    return Cache((given.cache or default_cache()).absolute())


def _build(given: Namespace) -> int:
    base = _base(given)
    output: Path = given.output or Path("build") / f"flexvdi-{base.name}.iso"
    progress = Progress()
    order = Order(
        base,
        output,
        sources_from(given.mirror, given.source),
        given.kickstart,
        given.kernel_arguments,
        given.refresh,
        _manager_image(given, base),
    )
    build(order, _cache(given), progress)
    print(f"{output}: {output.stat().st_size / 1e6:.0f} MB in {progress.total:.0f} s")
    print(f"{netboot_folder(output)}: to boot over the network")
    return 0


def _manager_image(given: Namespace, base: Base) -> Path | None:
    """The manifest of the image that the medium is to carry."""
    if given.no_manager_image:
        return None
    if given.manager_image:
        named: Path = given.manager_image
        folder = named if named.is_dir() else named.parent
        return folder / APPLIANCE_MANIFEST_NAME
    usual = Path("build") / f"flexvdi-manager-{base.name}" / APPLIANCE_MANIFEST_NAME
    return usual if usual.exists() else None


def _lock(given: Namespace) -> int:
    """Fetch the base anew, without its old lock, and write what it was made of."""
    base = _base(given).model_copy(update={"lock": None})
    cache, progress = _cache(given), Progress()
    cache.forget("root", root_key(base))
    with progress.phase("root tree"):
        made = root_tree(base, cache, sources_from(given.mirror, given.source), progress.line)
    if not made.made_of.packages:
        raise Failure(
            f"Bases of the family {base.adapter} have no lock.", "Lock one that is made by dnf."
        )
    path = bases.data_file(given.base).with_suffix(".lock")
    write_lock(path, made.made_of)
    print(f"{path}: {len(made.made_of.packages)} packages")
    return 0


def _embed(given: Namespace) -> int:
    if given.remove:
        embedding.remove(given.iso)
        print(f"{given.iso}: no kickstart")
    else:
        embedding.embed(given.iso, given.kickstart, given.kernel_arguments)
        print(f"{given.iso}: installs as {given.kickstart} says")
    outdated = given.iso.with_name(f"{given.iso.name}.sha256")
    if outdated.exists():
        outdated.unlink()
        print(f"{outdated} was removed: the ISO changed. `flexvdi-iso inspect` verifies it.")
    return 0


def _inspect(given: Namespace) -> int:
    parts: dict[str, dict[str, object]] = {}

    def on_part(name: str, artefact: Artefact, problem: str) -> None:
        parts[name] = {**artefact.model_dump(), "state": problem or "ok"}
        if not given.json:
            print(f"{artefact.size:>12}  {artefact.sha256 or '-':64}  {problem or 'ok':8}  {name}")

    result = inspect(given.iso, on_part)
    manifest, found = result.manifest, result.embedded
    if given.json:
        print(
            json.dumps(
                {
                    "label": result.label,
                    "manifest": manifest.model_dump(mode="json"),
                    "manager": result.manager and result.manager.model_dump(mode="json"),
                    "kickstart_sha256": found.sha256,
                    "kernel_arguments": found.kernel_arguments,
                    "parts": parts,
                    "damaged": list(result.damaged),
                },
                indent=2,
            )
        )
    else:
        print(f"label             {result.label}")
        print(f"product           {manifest.product} {manifest.version}")
        print(f"base              {manifest.base}, kernel {manifest.kernel}")
        print(f"displays          {', '.join(manifest.displays)}")
        print(f"build             {manifest.build_id}, {len(manifest.packages)} packages")
        print(f"Manager's image   {_carried(result.manager)}")
        print(f"kickstart         {f'SHA-256 {found.sha256}' if found.sha256 else 'none'}")
        print(f"kernel arguments  {found.kernel_arguments or 'none'}")
    if result.damaged:
        raise Failure(
            f"{given.iso} is damaged: {', '.join(result.damaged)}.",
            "Build or download it again and compare its checksum.",
        )
    return 0


def _carried(manager: ApplianceManifest | None) -> str:
    if manager is None:
        return "none"
    return f"{manager.version} ({manager.base}, {manager.size / 1e6:.0f} MB)"


def _bases(given: Namespace) -> int:
    known = [bases.load(name) for name in bases.names()]
    if given.json:
        shown = [{"name": b.name, "title": b.title, "purpose": b.purpose} for b in known]
        print(json.dumps(shown, indent=2))
    else:
        for base in known:
            print(f"{base.name:20} {base.title:16} {base.purpose}")
    return 0


_VERBS: dict[str, Callable[[Namespace], int]] = {
    "build": _build,
    "lock": _lock,
    "embed": _embed,
    "inspect": _inspect,
    "bases": _bases,
}


if __name__ == "__main__":
    sys.exit(main())
