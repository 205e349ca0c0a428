"""The private parts of Textual that the app leans on, and what is mended of it, all in this folder.

Another version of Textual may move them: that is why it is pinned exactly, and why they are here and nowhere else.
``tests/tui/test_textual_patches.py`` fails where one is no longer needed, or no longer fits.
"""
