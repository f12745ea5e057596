"""Figures for Prometheus, in its text format; asked for with an API token of any role."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from manager.access.principal import Principal
from manager.access.requires import requires
from manager.access.role import ANYBODY
from manager.figures import figures
from manager.services import Services, WithServices

ROUTER = APIRouter(tags=["metrics"])


@ROUTER.get("/metrics", response_class=Response)
def metrics(
    services: WithServices, principal: Annotated[Principal, requires(*ANYBODY)]
) -> Response:
    """The Manager's figures at this moment."""
    return Response(generate_latest(_registry(services)), media_type=CONTENT_TYPE_LATEST)


class _Figures:
    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> list[Metric]:
        families: dict[str, GaugeMetricFamily] = {}
        for figure in figures(self._services):
            if figure.name not in families:
                families[figure.name] = GaugeMetricFamily(
                    f"flexvdi_{figure.name}", figure.help, labels=list(figure.labels)
                )
            families[figure.name].add_metric(list(figure.labels.values()), figure.value)
        return list(families.values())


def _registry(services: Services) -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(services))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return registry
