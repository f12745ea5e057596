"""Messages to a log server, over a socket of our own (host.machine.log_target.LogSender).

The form is RFC 5424's, framed after RFC 6587 (octet counting) where the transport is a stream.
"""

from __future__ import annotations

import os
import socket
import ssl
from datetime import UTC, datetime

from foundation.failure import Failure
from host.document.system import LogTarget

_TIMEOUT = 10.0  # seconds
_PRIORITY = 3 * 8 + 6  # daemon.info


class RealLogSender:
    """Sockets."""

    def send(self, target: LogTarget, message: str) -> None:
        """Connect, send, and have it acknowledged as far as the protocol can."""
        place = f"{target.host}, port {target.effective_port}/{target.protocol}"
        data = rfc5424(message)
        try:
            if target.protocol == "udp":
                self._send_datagram(target, data)
            else:
                self._send_stream(target, f"{len(data)} ".encode() + data)
        except ssl.SSLCertVerificationError as error:
            raise Failure(
                f"The certificate of {place} is not trusted: {error.verify_message}.",
                "Give the CA that signed it.",
            ) from error
        except socket.gaierror as error:
            raise Failure(
                f"{target.host} cannot be resolved: {error.strerror}.", "Check the name and DNS."
            ) from error
        except TimeoutError as error:
            raise Failure(
                f"{place} does not answer.", "Check address, port and the firewalls on the way."
            ) from error
        except OSError as error:
            raise Failure(
                f"{place} cannot be reached: {error.strerror or error}.",
                "Check that the log server listens there.",
            ) from error

    def _send_datagram(self, target: LogTarget, data: bytes) -> None:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            target.host, target.effective_port, type=socket.SOCK_DGRAM
        )[0]
        with socket.socket(family, kind, protocol) as channel:
            channel.settimeout(_TIMEOUT)
            channel.connect(address)  # so that a refusal comes back
            channel.send(data)

    def _send_stream(self, target: LogTarget, data: bytes) -> None:
        with socket.create_connection((target.host, target.effective_port), _TIMEOUT) as channel:
            if target.protocol == "tls":
                context = ssl.create_default_context(cadata=target.ca)
                with context.wrap_socket(channel, server_hostname=target.host) as wrapped:
                    wrapped.sendall(data)
                    wrapped.unwrap()
            else:
                channel.sendall(data)
                channel.shutdown(socket.SHUT_WR)


def rfc5424(message: str) -> bytes:
    """``message`` as a line of this host's and this program's."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    who = f"{socket.gethostname()} flexvdi-config {os.getpid()}"
    return f"<{_PRIORITY}>1 {now} {who} - - {message}".encode()
