"""The labs: what a visitor typed becomes bytes, goes to one of this stack's services, and is shown."""
