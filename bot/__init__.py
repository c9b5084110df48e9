"""InviteOnce for Slack: invite a customer to pick a meeting time."""
