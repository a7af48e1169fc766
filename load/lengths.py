"""How long the long measurements take where nobody says otherwise. Units: s."""

CAPACITY_STEP_S, CAPACITY_CONFIRMED_S = 16.0, 32.0
COMPARISON_S = 180.0
"""Both systems take up to a minute to come up and go down; a comparison stays below four."""
