"""How fast it is: measured beside a naive way of doing the same, in the same run."""
