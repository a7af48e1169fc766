"""What the pages of all services share: look, frame, forms, error page and security headers."""
