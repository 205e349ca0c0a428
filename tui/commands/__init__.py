"""Every command of the app, declared once, and the keys that users give them."""
