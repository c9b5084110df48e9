"""Calendar systems behind `bot.ports.CalendarProvider`."""
