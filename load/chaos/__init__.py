"""Faults by a schedule while orders come, and what is left of the orders afterwards."""
