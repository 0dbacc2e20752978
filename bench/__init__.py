"""What each layer costs: the stack that is up, measured, and a report that says how far to trust it."""
