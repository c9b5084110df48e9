"""Block Kit: pure builders from values to `slack_sdk.models`."""
