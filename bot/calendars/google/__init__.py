"""Google Calendar, with Google Meet, by its API v3 and OAuth 2.

`provider` is the port's adapter and `sign_in` the way in. Below them `reading` asks for busy times, `resources` for
the rooms of a Workspace, and `writing` keeps our events, by the pure `busy` and `events`: what goes to Google, and
what its answers mean. `calls` makes a call for one mailbox (token, limit, pauses), and `api` builds it from the
discovery document that google-api-python-client bundles. What makes no sense is a GoogleError, never an empty answer.
"""
