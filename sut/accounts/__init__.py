"""People with a password: shoppers in the shop, operators in the MES, each service with its own."""
