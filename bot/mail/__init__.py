"""The mails to people outside Slack, and how they are handed to a mail server."""
