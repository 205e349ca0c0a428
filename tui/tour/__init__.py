"""The tour: the main job, played on the real app and a real server with captions.

``script`` reads the file of its steps, ``player`` decides what is pressed when, by what the screen shows; ``recipient``
opens links as a browser does; ``bar`` lays out the captions. ``frames`` says what a screen looked like, ``recording``
collects that, and ``cast`` and ``svg`` write it. All of this is plain: :mod:`tui.ui.tour` has the app that is played.
"""
