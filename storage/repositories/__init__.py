"""One module per repository of `bot.ports`. They run on a connection that the unit of work opened, and never commit."""
