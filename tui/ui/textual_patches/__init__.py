"""The private parts of Textual that the app relies on, and the fixes for Textual, all in this package.

Another version of Textual may change them: that is why it is pinned exactly, and why they are here and nowhere else.
``tests/tui/test_textual_patches*.py`` fail if one of them is no longer needed, or no longer fits.
"""
