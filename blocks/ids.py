"""Ids by which Slack tells us what somebody used: commands, shortcuts, views, actions.

A form field's `action_id` is its name in `bot.domain.fields`; its `block_id` is that name too, or
`name:generation` where the app itself sets the value (Slack keeps what was typed while block ids stay).
"""

from __future__ import annotations

# ---------------------------------------------------------------- commands and shortcuts

COMMANDS = ("/invite", "/inviteonce")
"""Slack has an `/invite` of its own and may refuse ours: whichever of the two reaches the app is answered."""
INVITE_SHORTCUT = "invite_to_self_schedule"
MESSAGE_SHORTCUT = "invite_to_meeting"

# ---------------------------------------------------------------- the wizard's views (callback_id)

PARTICIPANT_VIEW = "wizard_participant"
DETAILS_VIEW = "wizard_details"
TIME_FRAME_VIEW = "wizard_time_frame"
LETTER_VIEW = "wizard_letter"
NOTICE_VIEW = "wizard_notice"
"""A modal that only says something: a refusal, or that the invitation was sent."""

# ---------------------------------------------------------------- the wizard's buttons (action_id)

BACK = "wizard_back"
RESUME_DRAFT = "draft_resume"
"""On the draft card and in Home; `value` is the draft's id."""
DISCARD_DRAFT = "draft_discard"
RESUME_IN_WIZARD = "wizard_resume"
"""The same two within the participant view."""
DISCARD_IN_WIZARD = "wizard_discard"
UPDATE_PREVIEW = "wizard_update_preview"
CONNECT_CALENDAR = "connect_calendar"
"""Wherever it stands; see *connections* below."""
PRESET_THIS_WEEK = "preset_this_week"
PRESET_NEXT_WEEK = "preset_next_week"
PRESET_NEXT_TWO_WEEKS = "preset_next_two_weeks"
RELAX = "relax"
"""`relax:0` and so on, best first; `value` is the change and what it is about, `optional=U0PRIYA`."""
ADD_RANGE = "range_add"
REMOVE_RANGE = "range_remove"
MEMBER_MENU = "member_menu"
"""Beside each Team member and Room of step 1; the chosen option is one of `MenuChoice` and whom, `optional=U0PRIYA`."""
CHANGE_MEMBER = "member_change"
"""`value` is the pool, `pool:<id>`."""
ALTERNATIVES_VIEW = "wizard_alternatives"
"""On top of step 1; `private_metadata` is the draft's id and, after a space, whose alternatives they are."""
ALTERNATIVE_MEMBERS = "alternative_members"
ALTERNATIVE_ROOMS = "alternative_rooms"
CHANGE_MEMBER_VIEW = "wizard_change_member"
"""On top of step 1; `private_metadata` is the draft's id and, after a space, the pool."""
POOL_MEMBER = "pool_member"
SAVE_TEMPLATE = "template_save"
SAVE_TEMPLATE_VIEW = "wizard_save_template"
"""On top of step 3, with five fields."""
TEMPLATE_NAME = "template_name"
TEMPLATE_REPLACED = "template_replaced"
TEMPLATE_SHARED = "template_shared"
TEMPLATE_FAVOURITE = "template_favourite"
TEMPLATE_DEFAULT = "template_default"
USE_DEFAULTS = "wizard_use_defaults"
PRESETS = (PRESET_THIS_WEEK, PRESET_NEXT_WEEK, PRESET_NEXT_TWO_WEEKS)


def block_id(field: str, generation: int | None = None) -> str:
    """The block of a field; with the draft's generation where the app sets its value."""
    return field if generation is None else f"{field}:{generation}"


def field_of(block: str) -> str:
    """The field's name again, whatever its generation."""
    return block.partition(":")[0]


# ---------------------------------------------------------------- App Home

INVITE = "home_invite"
TAB_INVITATIONS = "home_tab_invitations"
TAB_MEETINGS = "home_tab_meetings"
PREVIOUS_PAGE = "home_page_previous"
"""`value` is the page to show, `invitations:0`."""
NEXT_PAGE = "home_page_next"

# ---------------------------------------------------------------- cards

RESEND_INVITATION = "invitation_resend"
"""`value` is the Invitation's id, here and in the next two."""
COPY_LINK = "invitation_copy_link"
CANCEL_INVITATION = "invitation_cancel"
CANCEL_MEETING = "meeting_cancel"
"""Opens CANCEL_MEETING_VIEW; `value` is the Meeting's id."""
CANCEL_MEETING_VIEW = "meeting_cancel_view"
CANCEL_REASON = "cancel_reason"

# ---------------------------------------------------------------- connections

CONNECT_VIEW = "connect_view"
"""Carries the link; `private_metadata` is the draft to go back to, if any."""
OPEN_CONNECT_PAGE = "connect_open_page"
"""A link: nothing is left to do but to acknowledge it."""
RECONNECT = "connection_reconnect"
"""`value` is the connection's id, here and in the next two."""
DISCONNECT = "connection_disconnect"
CHOOSE_CALENDARS = "connection_choose_calendars"
CALENDARS_VIEW = "connection_calendars_view"
BUSY_CALENDARS = "busy_calendars"
WRITE_CALENDAR = "write_calendar"
WRITE_EVENT_AGAIN = "meeting_write_event_again"
"""Where an event is not as it should be; `value` is the Meeting's id, here and in the next one."""
KEEP_EVENT = "meeting_keep_event"
