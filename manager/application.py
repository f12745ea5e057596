"""The web application: its routes, its answers to what goes wrong, its life."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import inspect
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from foundation.failure import Failure
from manager.finding import modules_in
from manager.problems import Invalid, NotFound, TooMany, body_of, status_of
from manager.protecting import Limits, SecurityHeaders
from manager.services import Services
from manager.version import manager_version

log = logging.getLogger("flexvdi.manager")

# manager.web may say how a problem looks as a page: page(request, failure, status) -> Response.
_PAGE_MODULE = "manager.web.problems"
_FOR_PROGRAMS = ("/api/", "/health", "/metrics")


def create_application(services: Services, *, background: bool = True) -> FastAPI:
    """The application on ``services``; ``background`` starts what a Manager does by itself."""
    application = FastAPI(
        title="flexVDI Manager",
        version=manager_version(),
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_life(services, background),
        generate_unique_id_function=_operation_name,
    )
    application.state.services = services
    for package in ("manager.api", "manager.web"):
        for module in modules_in(package):
            if hasattr(module, "ROUTER"):
                application.include_router(module.ROUTER)
            if hasattr(module, "mount"):
                module.mount(application)
    for kind, handler in _PROBLEM_HANDLERS.items():
        application.add_exception_handler(kind, handler)
    application.add_middleware(SecurityHeaders)
    application.add_middleware(Limits)
    return application


def _operation_name(route: APIRoute) -> str:
    """An operation is called as its function is: client programs are generated from it."""
    return route.name


def _life(services: Services, background: bool) -> Callable[[FastAPI], Any]:
    @contextlib.asynccontextmanager
    async def life(application: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(services.tasks.start, services)
        running = []
        if background:
            for module in modules_in("manager.background"):
                if inspect.iscoroutinefunction(getattr(module, "run", None)):
                    running.append(
                        asyncio.create_task(_watched(module.__name__, module.run, services))
                    )
        try:
            yield
        finally:
            services.events.close()
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await asyncio.to_thread(services.tasks.stop)
            services.database.close()

    return life


async def _watched(name: str, run: Callable[[Services], Any], services: Services) -> None:
    """Start ``run`` again, a little later, whenever it ends by an error."""
    while True:
        try:
            await run(services)
            return
        except asyncio.CancelledError:
            raise
        except Failure as failure:
            log.error("%s: %s", name, failure)
        except Exception:
            log.exception("%s ended by a defect; it is started again", name)
        await asyncio.sleep(5)


def _problem(request: Request, failure: Failure) -> Response:
    status = status_of(failure)
    if not request.url.path.startswith(_FOR_PROGRAMS) and importlib.util.find_spec(_PAGE_MODULE):
        page: Response = importlib.import_module(_PAGE_MODULE).page(request, failure, status)
        return page
    headers = {"Cache-Control": "no-store"}
    if isinstance(failure, TooMany):
        headers["Retry-After"] = str(failure.retry_after)
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="flexVDI Manager"'
    return JSONResponse(body_of(failure), status, headers)


def _on_failure(request: Request, error: Exception) -> Response:
    assert isinstance(error, Failure)
    return _problem(request, error)


def _on_validation(request: Request, error: Exception) -> Response:
    """What pydantic refused: the first field by name; never the value, it may be a secret."""
    assert isinstance(error, RequestValidationError)
    parts = [
        (".".join(str(place) for place in each["loc"][1:]) or "the body", str(each["msg"]))
        for each in error.errors()
    ]
    where, message = parts[0]
    return _problem(
        request,
        Invalid(
            f"{where}: {message}.",
            "Correct it and send the request again; /api/v1/openapi.json describes it.",
            where=where,
            details="; ".join(f"{place}: {text}" for place, text in parts[1:10]),
        ),
    )


def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return _problem(
            request, NotFound("There is nothing at this address.", "See /api/v1/openapi.json.")
        )
    return JSONResponse(
        {"cause": f"{error.detail}.", "remedy": "", "where": "", "details": ""},
        error.status_code,
        error.headers,
    )


def _on_defect(request: Request, error: Exception) -> Response:
    log.error("%s %s: a defect", request.method, request.url.path, exc_info=error)
    return JSONResponse(
        {
            "cause": "An unexpected error, which is a defect in the Manager.",
            "remedy": "Its details are in the Manager's log; please report them.",
            "where": "",
            "details": "",
        },
        500,
    )


_PROBLEM_HANDLERS: dict[type[Exception], Callable[[Request, Exception], Response]] = {
    Failure: _on_failure,
    RequestValidationError: _on_validation,
    HTTPException: _on_http,
    Exception: _on_defect,
}
