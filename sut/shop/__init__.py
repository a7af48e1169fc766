"""The storefront: shoppers upload a model, choose, order, approve the price and follow their order."""
