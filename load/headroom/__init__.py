"""How much more than its contract a system carries, and what is full then."""
