"""Languages, keyboards and time zones to choose from."""

from __future__ import annotations

from zoneinfo import available_timezones

LANGUAGES: tuple[tuple[str, str], ...] = (
    ("en_US.UTF-8", "English (United States)"),
    ("en_GB.UTF-8", "English (United Kingdom)"),
    ("ca_ES.UTF-8", "Catalan"),
    ("cs_CZ.UTF-8", "Czech"),
    ("de_DE.UTF-8", "German"),
    ("es_ES.UTF-8", "Spanish (Spain)"),
    ("es_MX.UTF-8", "Spanish (Mexico)"),
    ("eu_ES.UTF-8", "Basque"),
    ("fr_FR.UTF-8", "French"),
    ("gl_ES.UTF-8", "Galician"),
    ("it_IT.UTF-8", "Italian"),
    ("nl_NL.UTF-8", "Dutch"),
    ("pl_PL.UTF-8", "Polish"),
    ("pt_BR.UTF-8", "Portuguese (Brazil)"),
    ("pt_PT.UTF-8", "Portuguese (Portugal)"),
    ("ru_RU.UTF-8", "Russian"),
    ("sv_SE.UTF-8", "Swedish"),
    ("tr_TR.UTF-8", "Turkish"),
    ("ja_JP.UTF-8", "Japanese"),
    ("zh_CN.UTF-8", "Chinese (simplified)"),
)
"""Locale and its name; in ASCII, for these are shown on serial lines and plain consoles too."""

KEYBOARDS: tuple[tuple[str, str], ...] = (
    ("us", "English (US)"),
    ("gb", "English (UK)"),
    ("us(intl)", "English (US, international)"),
    ("be", "Belgian"),
    ("br", "Portuguese (Brazil)"),
    ("ch", "German (Switzerland)"),
    ("cz", "Czech"),
    ("de", "German"),
    ("dk", "Danish"),
    ("es", "Spanish"),
    ("es(cat)", "Catalan"),
    ("fi", "Finnish"),
    ("fr", "French"),
    ("it", "Italian"),
    ("jp", "Japanese"),
    ("latam", "Spanish (Latin America)"),
    ("nl", "Dutch"),
    ("no", "Norwegian"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("ru", "Russian"),
    ("se", "Swedish"),
    ("tr", "Turkish"),
)
"""X keyboard layout, as the host document writes it, and its name."""


def time_zones() -> tuple[tuple[str, str], ...]:
    """All zones of the tz database that are places, UTC first."""
    places = sorted(
        name for name in available_timezones() if "/" in name and not name.startswith("Etc/")
    )
    return (("UTC", "UTC"), *((name, name) for name in places))
