"""Ids by which Slack tells us what somebody used: commands, shortcuts, views, actions.

A form field's `action_id` is its name in `bot.domain.fields`; its `block_id` is that name too, or
`name:generation` where the app itself sets the value (Slack keeps what was typed while block ids stay).
"""

from __future__ import annotations

import re

# ---------------------------------------------------------------- commands and shortcuts

COMMANDS = ("/invite", "/inviteonce")
"""Slack has an `/invite` of its own and may refuse ours: whichever of the two reaches the app is answered, and so is
that of the settings."""
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
MEETINGS_SINCE = "home_meetings_since"
"""The first and the last day of the Meetings to be listed."""
MEETINGS_UNTIL = "home_meetings_until"
UPCOMING_MEETINGS = "home_meetings_upcoming"

# ---------------------------------------------------------------- cards

RESEND_INVITATION = "invitation_resend"
"""`value` is the Invitation's id, here and in the next two."""
COPY_LINK = "invitation_copy_link"
CANCEL_INVITATION = "invitation_cancel"
CANCEL_MEETING = "meeting_cancel"
"""Opens CANCEL_MEETING_VIEW; `value` is the Meeting's id."""
CANCEL_MEETING_VIEW = "meeting_cancel_view"
CANCEL_REASON = "cancel_reason"
NO_SHOW = "meeting_no_show"
"""`value` is the Meeting's id, here and in the next one."""
UNDO_NO_SHOW = "meeting_undo_no_show"
REASSIGN = "meeting_reassign"
"""`value` is the Meeting's id, and after a space whose place it is about, where that is clear."""
REASSIGN_VIEW = "meeting_reassign_view"
"""`private_metadata` is the Meeting's id and, after a space, whose place it is about."""
REASSIGN_OUT = "reassign_out"
"""The block's name has whose place it is about after a colon, here and in the next one: what Slack keeps is for
that place."""
REASSIGN_CAME = "reassign_came"
REASSIGN_PERSON = "reassign_person"
REASSIGN_ROOM = "reassign_room"
DO_WITHOUT = "meeting_do_without"
"""`value` is the Meeting's id and, after a space, whose place stays empty."""
TAKE_ROOM = "meeting_take_room"
"""`meeting_take_room:0` and so on; `value` is the Meeting's id, the Room that has declined, and the one to take."""
RESCHEDULE_MEETING = "meeting_reschedule"
"""Opens MOVE_SLOT_VIEW; `value` is the Meeting's id."""
MOVE_SLOT_VIEW = "move_slot_view"
"""`private_metadata` is the Meeting's id, and in MOVE_VIEW, after spaces, the start picked and the one it replaces."""
MOVE_VIEW = "move_view"
PICK_MOVE_SLOT = "move_pick_slot"
"""`move_pick_slot:<instant>`; `value` is the instant."""
MOVE_EARLIER_DAYS = "move_earlier"
"""`value` is the page to show."""
MOVE_LATER_DAYS = "move_later"
MOVE_OTHER_TIME = "move_other_time"
"""Back from the confirmation to the slots."""
MOVE_NOTE = "move_note"

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

# ---------------------------------------------------------------- scheduling on behalf

SCHEDULE_ON_BEHALF = "home_schedule_on_behalf"
METHOD_VIEW = "method_view"
"""Asks which of the two it shall be; `private_metadata` is the draft's id, as in every step."""
BEGIN_INVITATION = "begin_invitation"
BEGIN_ON_BEHALF = "begin_on_behalf"
SLOT_VIEW = "on_behalf_slot"
CONFIRMATION_VIEW = "on_behalf_confirmation"
SHOW_CONFLICTS = "on_behalf_conflicts"
PICK_SLOT = "pick_slot"
"""`pick_slot:<instant>`, for each slot is a button of its own; `value` is the instant."""
PICK_TAKEN_SLOT = "pick_taken_slot"
EARLIER_DAYS = "on_behalf_earlier"
"""`value` is the page to show."""
LATER_DAYS = "on_behalf_later"

# ---------------------------------------------------------------- Setup

TAB_SETUP = "home_tab_setup"
EDIT_HOURS = "setup_hours"
HOURS_VIEW = "setup_hours_view"
EDIT_PREFERENCES = "setup_preferences"
PREFERENCES_VIEW = "setup_preferences_view"
ADD_ROOMS = "rooms_add"
ADD_ROOMS_VIEW = "rooms_add_view"
"""Its `private_metadata` is the token of the list that the directory gave, once there is one."""
FIND_ROOMS = "rooms_find"
ALLOW_ROOM_DIRECTORY = "rooms_allow_directory"
"""`value` is the connection's id."""
ALLOW_DIRECTORY_VIEW = "rooms_allow_directory_view"
LIST_ROOMS = "rooms_list"
ROOMS_VIEW = "rooms_view"
ROOMS_PAGE = "rooms_page"
"""`rooms_page:<page>`, as with the other lists; `value` is `<page>:<what the list is about>`."""
EDIT_ROOM = "room_edit"
"""`value` is the Room's id, here and in REMOVE_ROOM."""
ROOM_VIEW = "room_view"
REMOVE_ROOM = "room_remove"
OPEN_POOL = "pool_open"
"""`value` is the pool's id, here and in what Administrators do to it."""
LIST_POOLS = "pools_list"
POOLS_VIEW = "pools_view"
POOLS_PAGE = "pools_page"
POOL_VIEW = "pool_view"
"""`private_metadata` is its page and the pool's id, `0:<id>`."""
POOL_PAGE = "pool_page"
CREATE_PEOPLE_POOL = "pool_create_people"
CREATE_ROOM_POOL = "pool_create_rooms"
CREATE_POOL_VIEW = "pool_create_view"
EDIT_POOL = "pool_edit"
EDIT_POOL_VIEW = "pool_edit_view"
DELETE_POOL = "pool_delete"
ADD_POOL_MEMBERS = "pool_add_members"
ADD_MEMBERS_VIEW = "pool_add_members_view"
LEDGER_MENU = "pool_ledger_menu"
"""The chosen option's value is what to do, the pool and the member: `member_remove:<pool>:<member>`."""
TEMPLATE_MENU = "template_menu"
"""The chosen option's value is what to do and the template's id: `template_default:<id>`."""
LIST_TEMPLATES = "templates_list"
TEMPLATES_VIEW = "templates_view"
TEMPLATES_PAGE = "templates_page"
EDIT_TEMPLATE_VIEW = "template_edit_view"
"""Its fields are those of `SAVE_TEMPLATE_VIEW`. Like the next one's, `private_metadata` is the page of the list and the
template's id, `0:<id>`."""
DELETE_TEMPLATE_VIEW = "template_delete_view"


def paged(action: str) -> re.Pattern[str]:
    """The ids of a list's *Previous* and *Next*, `rooms_page:1`."""
    return re.compile(rf"^{action}(:\d+)?$")
