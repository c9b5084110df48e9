"""What browsers and Slack reach over HTTP."""
