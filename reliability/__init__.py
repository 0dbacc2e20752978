"""Whether the stack keeps standing: what attacks it, and what a guest sees meanwhile."""
