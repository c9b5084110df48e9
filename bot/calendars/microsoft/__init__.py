"""Microsoft 365 and Outlook.com over Microsoft Graph.

`provider` is the port's adapter and `sign_in` the way in. Below them `busy` asks for busy times, `places` for rooms,
`mailbox` finds and writes our events, `graph` asks one account's questions with its tokens, and `payloads`,
`schedules` and `moments` turn values into Graph's words and back. What makes no sense is an error, never an empty
answer.
"""
