"""The app as a tour plays it: :mod:`tui.tour` decides, this presses keys, looks at the screen, shows captions."""
