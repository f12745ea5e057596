"""What stands in for the real appliance: the smallest guest there is, and an API that answers.

The guest is a boot sector that writes one line to its serial port, the one by which an appliance
tells that it is ready, and sleeps until it is told to shut down. Its API is served by the lab, over
TLS and with an authority of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import ssl
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from foundation.appliance_seed import ApplianceProgress, progress_line

ADDRESS, OTHER_ADDRESS = "192.0.2.50", "192.0.2.51"
PORT = 443

# Real mode: writes the text behind it to the first serial port, then sleeps until its power button
# is pressed. SeaBIOS puts the registers of ACPI's power management at 600h (ACPI 6.5, 4.8.3).
_SAY = (
    "31c08ed8"  # xor ax, ax; mov ds, ax
    "beaa55"  # mov si, the text's place, which is filled in
    "ac84c07412"  # next: lodsb; test al, al; jz button
    "88c4bafd03"  # mov ah, al; mov dx, 3fdh
    "eca82074fb"  # wait: in al, dx; test al, 20h; jz wait
    "baf80388e0ee"  # mov dx, 3f8h; mov al, ah; out dx, al
    "ebe9"  # jmp next
    "ba0206b80001ef"  # mov dx, 602h; mov ax, 100h; out dx, ax
    "f4ba0006ed"  # sleep: hlt; mov dx, 600h; in ax, dx
    "f6c40174f6"  # test ah, 1; jz sleep
    "ba0406b80020ef"  # mov dx, 604h; mov ax, 2000h; out dx, ax
    "f4ebfd"  # off: hlt; jmp off
)


def make_image(folder: Path, fingerprint: str, version: str = "0.1.0") -> None:
    """A disk whose boot sector tells that the appliance is ready, as qcow2 with its manifest."""
    line = progress_line(ApplianceProgress(step="ready", state="ready", fingerprint=fingerprint))
    text = f"{line}\r\n".encode() + b"\0"
    code = bytes.fromhex(_SAY)
    place = 0x7C00 + len(code)
    code = code.replace(b"\xaa\x55", place.to_bytes(2, "little"))
    folder.mkdir(exist_ok=True)
    disk = folder / "manager.raw"
    sector = (code + text).ljust(510, b"\0") + b"\x55\xaa"
    assert len(sector) == 512, len(sector)
    disk.write_bytes(sector)
    os.truncate(disk, 64 << 20)
    image = folder / "manager.qcow2"
    argv = ["qemu-img", "convert", "-O", "qcow2", str(disk), str(image)]
    subprocess.run(argv, check=True)
    data = image.read_bytes()
    manifest = {
        "product": "flexVDI Manager",
        "version": version,
        "base": "lab",
        "base_release": "1",
        "kernel": "none",
        "build_id": "1",
        "source_date_epoch": 0,
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "virtual_size": 64 << 20,
        "least": {"vcpus": 1, "memory": 64, "data_disk": 1 << 30},
        "firmwares": ["bios"],
        "database": 15,
        "packages": {},
    }
    (folder / "manager-image.json").write_text(json.dumps(manifest))


def answer(files: Path) -> str:
    """Serve ``/health`` and ``/api/v1/ca``; returns the fingerprint of the authority.

    Certificates are made in ``files``, unless another lab has left its own there.
    """
    if not files.exists():
        _make_certificates(files)
    pem = (files / "authority.pem").read_bytes()
    health = {"status": "ok", "version": "0.1.0", "setup_done": True, "reasons": []}
    answers = {"/health": json.dumps(health).encode(), "/api/v1/ca": pem}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = answers.get(self.path, b"")
            self.send_response(200 if body else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            return

    server = ThreadingHTTPServer(("", PORT), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files / "certificate.pem", files / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem.decode())).hexdigest()


def _make_certificates(files: Path) -> None:
    files.mkdir()
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _each in range(2))
    authority = _certificate("Lab authority", authority_key, authority_key, authority=True)
    certificate = _certificate(ADDRESS, key, authority_key, authority=False)
    pem = authority.public_bytes(serialization.Encoding.PEM)
    (files / "authority.pem").write_bytes(pem)
    own = certificate.public_bytes(serialization.Encoding.PEM)
    (files / "certificate.pem").write_bytes(own + pem)
    (files / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    *,
    authority: bool,
) -> x509.Certificate:
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Lab authority")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        names = x509.SubjectAlternativeName(
            [x509.IPAddress(ip_address(one)) for one in (ADDRESS, OTHER_ADDRESS)]
        )
        builder = builder.add_extension(names, critical=False)
    return builder.sign(signer, hashes.SHA256())
