"""The database: engines, tables, repositories. Everything above knows it by the protocols of `bot.ports`."""
