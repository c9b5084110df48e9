"""Time zones that browsers still call by former names: they keep to CLDR's, which never change.

Source: CLDR common/bcp47/timezone.xml, the types whose `iana` attribute differs from their first alias.
"""

from __future__ import annotations

from collections.abc import Collection

from bot.domain.timeframe import zone_names

PRESENT_NAMES = {
    "Africa/Asmera": "Africa/Asmara",
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "America/Catamarca": "America/Argentina/Catamarca",
    "America/Coral_Harbour": "America/Atikokan",
    "America/Cordoba": "America/Argentina/Cordoba",
    "America/Godthab": "America/Nuuk",
    "America/Indianapolis": "America/Indiana/Indianapolis",
    "America/Jujuy": "America/Argentina/Jujuy",
    "America/Louisville": "America/Kentucky/Louisville",
    "America/Mendoza": "America/Argentina/Mendoza",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Atlantic/Faeroe": "Atlantic/Faroe",
    "Europe/Kiev": "Europe/Kyiv",
    "Pacific/Enderbury": "Pacific/Kanton",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
}


def present_name(zone: str, known: Collection[str] | None = None) -> str:
    """What the zone is called today, where the tz database here is new enough to know that; else the name given."""
    present = PRESENT_NAMES.get(zone, zone)
    return present if present in (known or zone_names()) else zone
