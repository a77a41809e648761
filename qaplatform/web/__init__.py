"""The workplace in the browser: request → form → one service call → redirect or template."""
