"""Sensitivity: plants known defects in copies of the system, and sees which of them the gate catches."""
