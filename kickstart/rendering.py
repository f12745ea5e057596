"""Rendering a template with checked variables into a kickstart that is known to be good."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jinja2

from foundation.failure import Failure, WrongArgument
from foundation.password_hash import hash_password, is_password_hash
from foundation.secret import Secret
from kickstart.catalogue import Template
from kickstart.reading import read_kickstart
from kickstart.variables import Variable


@dataclass(frozen=True)
class AnacondaImage:
    """The host image that stock Anaconda is to fetch (``liveimg``): its URL, and its SHA-256."""

    url: str
    sha256: str = ""


def render(
    template: Template,
    given: Mapping[str, str],
    secrets: Mapping[str, Secret] | None = None,
    *,
    anaconda: AnacondaImage | None = None,
) -> str:
    """The kickstart that ``template`` makes of the variables.

    ``given`` are plain values by name. Passwords come in ``secrets``, in clear or hashed; in
    ``given`` they are taken only as hashes. With ``anaconda``, the kickstart is for the boot medium
    of a distribution and for that image. Raises Failure for what is missing, unknown or wrong,
    and KickstartRefused when the values do not fit together.
    """
    values = _checked(template, dict(given), dict(secrets or {}))
    if anaconda and values.get("image_url"):
        raise Failure(
            "The image is named twice: by --image and by the variable image_url.", "Give one."
        )
    image = _checked_image(anaconda) if anaconda else None
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("kickstart", "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # a kickstart is no HTML; variables.py checks every value
    )
    text = environment.get_template(template.file).render(
        values,
        template=template,
        addressing=_addressing(values),
        anaconda=image,
        minimum_disk=template.minimum_disk(values),
    )
    text = re.sub(r"\n{3,}", "\n\n", text).lstrip("\n")
    _must_be_readable(text, template)
    return text


def _checked_image(image: AnacondaImage) -> AnacondaImage:
    sha256 = Variable("checksum", "SHA-256", "the image's SHA-256, 64 hexadecimal digits", "")
    url = Variable("image", "URL", "the address of a host.squashfs")
    return AnacondaImage(url.check(image.url), sha256.check(image.sha256))


def _checked(
    template: Template, given: dict[str, str], secrets: dict[str, Secret]
) -> dict[str, str]:
    values: dict[str, str] = {}
    known = {variable.name for variable in template.variables}
    for name in (*given, *secrets):
        if name not in known:
            raise WrongArgument(
                f"The template {template.name} has no variable {name}.",
                f"It has {', '.join(sorted(known))}.",
            )
    missing = []
    for variable in template.variables:
        plain = given.get(variable.name)
        if variable.secret and plain and not is_password_hash(plain):
            raise WrongArgument(
                f"{variable.name} is given in clear, where others can see it.",
                f"Use --secret-file {variable.name}=FILE or --ask {variable.name}, "
                "or give its hash.",
            )
        if variable.name in secrets:
            values[variable.name] = _as_hash(secrets[variable.name])
        elif variable.name in given:
            values[variable.name] = variable.check(given[variable.name])
        elif variable.default is not None:
            values[variable.name] = variable.default
        else:
            missing.append(f"{variable.name} ({variable.description})")
    if missing:
        raise WrongArgument(
            f"The template {template.name} needs {', '.join(missing)}.",
            "Give each with -v NAME=VALUE, or passwords with --secret-file or --ask.",
        )
    if values.get("gateway") and not values.get("address"):
        raise WrongArgument("A gateway is given without an address.", "Give -v address= too.")
    if not values["root_password"] and not values["ssh_key"]:
        raise WrongArgument(
            "Nobody could log in as root: neither root_password nor ssh_key is given.",
            "Use --ask root_password, --secret-file root_password=FILE or -v ssh_key=….",
        )
    return values


def _as_hash(secret: Secret) -> str:
    text = secret.reveal().rstrip("\r\n")
    if not text:
        raise Failure("A password is empty.", "Give one with at least one character.")
    return text if is_password_hash(text) else hash_password(Secret(text)).reveal()


def _addressing(values: Mapping[str, str]) -> str:
    address, gateway = values.get("address", ""), values.get("gateway", "")
    if address and gateway and (":" in address) != (":" in gateway):
        raise WrongArgument(
            f"The address {address} and the gateway {gateway} are of two families.",
            "Give both of IPv4, or both of IPv6.",
        )
    if not address:
        words = ["--bootproto=dhcp"]
    elif ":" in address:
        words = ["--noipv4", f"--ipv6={address}"]
        words += [f"--ipv6gateway={gateway}"] if gateway else []
    else:
        words = ["--bootproto=static", f"--ip={address}", f"--netmask={values['netmask']}"]
        words += [f"--gateway={gateway}"] if gateway else []
    if values.get("nameservers"):
        words.append(f"--nameserver={values['nameservers']}")
    return " ".join(words)


def _must_be_readable(text: str, template: Template) -> None:
    """Our own reader has the last word; its places are lines of the rendered text."""
    with tempfile.NamedTemporaryFile("w", prefix="flexvdi-", suffix=".ks") as rendered:
        rendered.write(text)
        rendered.flush()
        read_kickstart(Path(rendered.name), origin=template.name)
