"""The order flow: where every order is, how long it waits there, and which ones hang or were lost."""
