"""The configuration with which rsyslog passes the journal on to a log server.

It is read by an rsyslogd of its own (flexvdi-log-target.service), so that what the distribution's
rsyslog does, if it has one at all, stays as it is. The form is rsyslog.conf(5)'s.
"""

from __future__ import annotations

from host.document.system import LogTarget
from host.document.system_files import OURS, FileContent

LOG_TARGET_FILE = "etc/flexvdi/log-target.conf"
LOG_TARGET_CA_FILE = "etc/flexvdi/log-target-ca.pem"
_SYSTEM_CAS = "/etc/ssl/certs/ca-certificates.crt"
# Kept on disk while the server is away; older lines than fit are in the journal anyway.
_QUEUE = (
    'queue.type="LinkedList" queue.filename="log-target" queue.maxDiskSpace="256m" '
    'queue.saveOnShutdown="on" action.resumeRetryCount="-1" action.resumeInterval="10"'
)


def log_target_files(
    target: LogTarget | None, system_cas: str = _SYSTEM_CAS
) -> dict[str, FileContent | None]:
    """The files; both are absent without a target. ``system_cas`` is the base's bundle."""
    if target is None:
        return {LOG_TARGET_FILE: None, LOG_TARGET_CA_FILE: None}
    ca = FileContent(target.ca) if target.ca is not None else None
    ca_file = f"/{LOG_TARGET_CA_FILE}" if ca is not None else system_cas
    return {
        LOG_TARGET_CA_FILE: ca,
        LOG_TARGET_FILE: FileContent(_configuration(target, ca_file)),
    }


def _configuration(target: LogTarget, ca_file: str) -> str:
    transport = "udp" if target.protocol == "udp" else "tcp"
    options = [
        f'type="omfwd" target="{target.host}" port="{target.effective_port}"',
        f'protocol="{transport}" template="RSYSLOG_SyslogProtocol23Format" {_QUEUE}',
    ]
    if transport == "tcp":
        options.append('TCP_Framing="octet-counted" KeepAlive="on"')
    if target.protocol == "tls":
        options.append(
            'StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" '
            f'StreamDriverPermittedPeers="{target.host}"'
        )
    driver = f' defaultNetstreamDriverCAFile="{ca_file}"' if target.protocol == "tls" else ""
    return (
        f"{OURS}"
        f'global(workDirectory="/var/lib/flexvdi/log-target"{driver})\n'
        'module(load="imjournal" StateFile="position" IgnorePreviousMessages="on" '
        'Ratelimit.Interval="0")\n'
        f"action({' '.join(options)})\n"
    )
