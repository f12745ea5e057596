"""What holds for every test of the project."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# No test is about speed (the bench is), and machines that run tests may be busy; the same examples
# each time, so that a run says something about the change and not about luck.
settings.register_profile(
    "project", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("project")
