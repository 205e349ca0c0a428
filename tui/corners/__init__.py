"""The private corners of Textual that the app leans on, all in this folder.

Another version of Textual may move them: that is why it is pinned exactly, and why they are here and nowhere else.
"""
