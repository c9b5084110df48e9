"""A small pretend Slack on this machine: `make run` needs no account, and tests have somebody strict to talk to."""
