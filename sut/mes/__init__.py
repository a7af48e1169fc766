"""The factory's side: operators see the orders, take them, make, pack and ship them."""
