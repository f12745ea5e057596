"""``flexvdi-manager-image``: builds the Manager's appliance image, and verifies one."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from foundation.appliance_manifest import (
    APPLIANCE_IMAGE_NAME,
    read_appliance_manifest,
    verify_appliance_image,
)
from foundation.command_line import OneLineParser, run_command
from iso.bases.sources import sources_from
from iso.cache import Cache, default_cache
from iso.progress import Progress
from manager_image.build import Order, build, manifest_of
from manager_image.kind import base_names, load_base

_MIB = 1 << 20


def main() -> int:
    """Entry point of the command."""
    return run_command(_main, sys.argv[1:])


def parser() -> OneLineParser:
    """The command's arguments."""
    top = OneLineParser(
        prog="flexvdi-manager-image", description="The disk image of the flexVDI Manager."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    making = commands.add_parser("build", help="build the image and its manifest")
    making.add_argument(
        "--base", required=True, help="see `flexvdi-manager-image bases`; or a data file (….toml)"
    )
    making.add_argument(
        "--output",
        type=Path,
        help=f"the image, in a folder of its own (default: {default_output('BASE')})",
    )
    making.add_argument("--mirror", action="append", default=[], metavar="[DISTRIBUTION=]PLACE",
                        help="a mirror (URL or folder) instead of the distribution's")  # fmt: skip
    making.add_argument("--source", action="append", default=[], metavar="[DISTRIBUTION=]ISO",
                        help="an install DVD instead of a mirror")  # fmt: skip
    making.add_argument("--cache", type=Path, help="default: FLEXVDI_CACHE, ~/.cache/flexvdi")
    making.add_argument("--refresh", action="store_true", help="fetch the base's packages anew")

    looking = commands.add_parser("inspect", help="show and verify an image by its manifest")
    looking.add_argument("image", type=Path, help="the image, its manifest, or their folder")
    looking.add_argument("--json", action="store_true", help="print JSON")

    listing = commands.add_parser("bases", help="list the distributions to build on")
    listing.add_argument("--json", action="store_true", help="print JSON")
    return top


def default_output(base: str) -> Path:
    """Where the image of a base goes when nobody says where."""
    return Path("build") / f"flexvdi-manager-{base}" / APPLIANCE_IMAGE_NAME


def _main(arguments: Sequence[str]) -> int:
    given = parser().parse_args(arguments)
    return _VERBS[given.command](given)


def _build(given: Namespace) -> int:
    base = load_base(given.base)
    output: Path = given.output or default_output(base.name)
    progress = Progress()
    order = Order(base, output, sources_from(given.mirror, given.source), given.refresh)
    cache = Cache((given.cache or default_cache()).absolute())
    manifest = build(order, cache, progress)
    print(f"{output}: {manifest.size / 1e6:.0f} MB in {progress.total:.0f} s")
    return 0


def _inspect(given: Namespace) -> int:
    place: Path = given.image
    if place.is_dir():
        place = place / APPLIANCE_IMAGE_NAME
    if place.suffix != ".json":
        place = manifest_of(place)
    manifest = read_appliance_manifest(place)
    verify_appliance_image(manifest, place.parent)
    if given.json:
        print(manifest.model_dump_json(indent=2))
        return 0
    print(f"product       {manifest.product} {manifest.version}")
    print(f"base          {manifest.base}, kernel {manifest.kernel}")
    print(f"build         {manifest.build_id}, {len(manifest.packages)} packages")
    print(f"image         {manifest.size} bytes, SHA-256 {manifest.sha256}: ok")
    print(f"system disk   {manifest.virtual_size // _MIB} MiB")
    print(f"data disk     {manifest.least.data_disk // _MIB} MiB at least")
    print(f"processors    {manifest.least.vcpus} at least")
    print(f"memory        {manifest.least.memory} MiB at least")
    print(f"firmware      {', '.join(manifest.firmwares)}")
    print(f"database      PostgreSQL {manifest.database}")
    return 0


def _bases(given: Namespace) -> int:
    known = [load_base(name) for name in base_names()]
    if given.json:
        shown = [{"name": b.name, "title": b.title, "purpose": b.purpose} for b in known]
        print(json.dumps(shown, indent=2))
    else:
        for base in known:
            print(f"{base.name:20} {base.title:16} {base.purpose}")
    return 0


_VERBS: dict[str, Callable[[Namespace], int]] = {
    "build": _build,
    "inspect": _inspect,
    "bases": _bases,
}


if __name__ == "__main__":
    sys.exit(main())
