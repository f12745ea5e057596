"""What About says of the protocols that the host's image can show desktops by."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.config_tui.screens import Driver


def about(displays: tuple[str, ...] | None) -> str:
    screen = Driver((132, 43))
    identity = replace(screen.application.identity, displays=displays)
    screen.host.identity = lambda: identity  # type: ignore[method-assign]
    screen.look().stand_on("about").press("enter")
    screen.application.tasks.settle()
    return " ".join(screen.text().split())


def test_an_image_with_spice() -> None:
    text = about(("spice", "vnc"))
    assert "Desktops can be shown by: SPICE, VNC." in text
    assert "without SPICE" not in text


@pytest.mark.parametrize(("displays", "named"), [(("vnc",), "VNC"), ((), "nothing")])
def test_an_image_without_spice_says_so_before_the_first_desktop_fails(
    displays: tuple[str, ...], named: str
) -> None:
    text = about(displays)
    assert f"Desktops can be shown by: {named}." in text
    assert "without SPICE" in text


def test_nothing_is_claimed_of_a_system_that_is_no_image() -> None:
    assert "Displays" not in about(None)
