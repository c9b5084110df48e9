"""CalDAV servers (RFC 4791): iCloud, Fastmail, Nextcloud and any other, over plain HTTP requests.

`provider` is the port's adapter and `sign_in` the way in, with what `records` finds in DNS. Below them `listing` asks
for an account's calendars, `busy` for their busy times, `directory` for rooms and `copies` for our events, all by
`session` (one account's requests) and `server` (one HTTP exchange), which connects only where `network` lets it.
`multistatus`, `objects`, `recurrence` and `zones` make sense of what comes back; what makes no sense is a CalDavError,
never an empty answer.
"""
