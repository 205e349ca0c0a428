"""The app's widgets. They draw and handle keys; they never do I/O."""
