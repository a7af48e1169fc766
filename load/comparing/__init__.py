"""Comparing two versions of the system on this machine, so that a regression is told from noise."""
