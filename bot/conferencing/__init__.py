"""Conferences that are not part of an event: a module per vendor."""
