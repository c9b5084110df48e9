"""Values and rules of scheduling: no I/O, no vendor."""
