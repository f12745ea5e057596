"""Serving the application over HTTPS until a signal ends it."""

from __future__ import annotations

import logging
import signal
import ssl
import sys
from types import FrameType

import uvicorn

from manager.access.setting_up import ensure_setup_secret
from manager.application import create_application
from manager.certificates.live import LiveCertificates
from manager.listening import bound_socket
from manager.own_names import own_names
from manager.services import Services

log = logging.getLogger("flexvdi.manager")

# Seconds that running requests have when the Manager stops.
_GRACE = 5


def serve(services: Services) -> None:
    """Listen and answer; returns after SIGTERM or SIGINT.

    Raises Failure where the port cannot be listened on.
    """
    settings = services.settings
    services.authority.ensure_server_certificate(own_names(settings))
    listening = bound_socket(settings.listen, "--listen")
    secret = ensure_setup_secret(services)
    if secret is not None and sys.stderr.isatty():
        print(
            f"This Manager is not set up yet. Open https://{settings.listen} and enter this "
            f"setup secret:\n\n    {secret.reveal()}\n",
            file=sys.stderr,
        )
    elif secret is not None:
        log.info("not set up yet; the setup secret is in %s", settings.state / "setup-secret")
    config = uvicorn.Config(
        create_application(services),
        ssl_certfile=str(services.authority.server_certificate_file),
        ssl_keyfile=str(services.authority.server_key_file),
        ssl_ciphers="ECDHE+AESGCM:ECDHE+CHACHA20",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=_GRACE,
        timeout_keep_alive=30,
    )
    config.load()
    assert config.ssl is not None
    config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
    services.part(LiveCertificates).attach(config.ssl)
    log.info("listening on https://%s", settings.listen)
    # uvicorn sends itself the signal again when it has stopped; a stop is no error here.
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: None)
    _Server(config, services).run(sockets=[listening])


class _Server(uvicorn.Server):
    """Ends the event streams first: they would hold the stop up to its limit."""

    def __init__(self, config: uvicorn.Config, services: Services) -> None:
        super().__init__(config)
        self._services = services

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._services.events.close()
        super().handle_exit(sig, frame)
