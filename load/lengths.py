"""How long the long measurements take where nobody says otherwise. Units: s."""

CAPACITY_STEP_S, CAPACITY_CONFIRMED_S = 24.0, 48.0
"""At the contract's rate 16 s gave 35 of the 40 samples that an objective needs: nothing was told."""
COMPARISON_S = 160.0
"""Both systems come up and go down four times, a quarter of a minute each; a comparison stays below four."""
