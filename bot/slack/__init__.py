"""Outbound Slack: who is who, and what people read. Renders with `blocks`."""
