"""Languages, keyboards and time zones to choose from."""

from __future__ import annotations

from zoneinfo import available_timezones

LANGUAGES: tuple[tuple[str, str], ...] = (
    ("en_US.UTF-8", "English (United States)"),
    ("en_GB.UTF-8", "English (United Kingdom)"),
    ("ca_ES.UTF-8", "Català"),
    ("cs_CZ.UTF-8", "Čeština"),
    ("de_DE.UTF-8", "Deutsch"),
    ("es_ES.UTF-8", "Español (España)"),
    ("es_MX.UTF-8", "Español (México)"),
    ("eu_ES.UTF-8", "Euskara"),
    ("fr_FR.UTF-8", "Français"),
    ("gl_ES.UTF-8", "Galego"),
    ("it_IT.UTF-8", "Italiano"),
    ("nl_NL.UTF-8", "Nederlands"),
    ("pl_PL.UTF-8", "Polski"),
    ("pt_BR.UTF-8", "Português (Brasil)"),
    ("pt_PT.UTF-8", "Português (Portugal)"),
    ("ru_RU.UTF-8", "Русский"),
    ("sv_SE.UTF-8", "Svenska"),
    ("tr_TR.UTF-8", "Türkçe"),
    ("ja_JP.UTF-8", "日本語"),
    ("zh_CN.UTF-8", "中文 (简体)"),
)
"""Locale and its name in its own language."""

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
