"""Setup's form fields, and what the menus beside members and templates can do: names that no listener hears of."""

from __future__ import annotations

# ---------------------------------------------------------------- fields: `action_id` and `block_id`

HOURS_ZONE = "hours_zone"
HOURS_DATES = "hours_dates"
PREFERRED_ZONE = "preferred_zone"
PREFERRED_METHOD = "preferred_method"
PREFERRED_LANGUAGE = "preferred_language"
PREFERRED_CHANNEL = "preferred_channel"
ROOM_ADDRESSES = "room_addresses"
ROOMS_LISTED = "rooms_listed"
ROOM_NAME = "room_name"
ROOM_CAPACITY = "room_capacity"
ROOM_EQUIPMENT = "room_equipment"
POOL_NAME = "pool_name"
POOL_METHOD = "pool_method"
POOL_CYCLE = "pool_cycle"
POOL_COMPENSATES = "pool_compensates"
POOL_CHANNEL = "pool_channel"
POOL_MEMBERS = "pool_members"
POOL_ROOMS = "pool_rooms"

# ---------------------------------------------------------------- what a menu's option begins with

MEMBER_ACTIVE = "member_active"
MEMBER_INACTIVE = "member_inactive"
MEMBER_REMOVE = "member_remove"
TEMPLATE_FAVOURITE = "template_favourite"
TEMPLATE_DEFAULT = "template_default"
TEMPLATE_EDIT = "template_edit"
TEMPLATE_DELETE = "template_delete"


def hours_field(weekday: int) -> str:
    """The field of one weekday's working hours."""
    return f"hours_{weekday:d}"
