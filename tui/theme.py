"""The colours of the app."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="sentlinks-dark",
    primary="#2f5d8a",
    secondary="#5f87af",
    accent="#8ec5ff",
    foreground="#e4e8ee",
    background="#10151c",
    surface="#161c25",
    panel="#1f2833",
    success="#7fd39a",
    warning="#f2c46d",
    error="#ff8f87",
    dark=True,
    variables={
        "block-cursor-background": "#35618f",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "input-selection-background": "#35618f",
        "border": "#2f5d8a",
    },
)
LIGHT = Theme(
    name="sentlinks-light",
    primary="#2b5f95",
    secondary="#4f7cab",
    accent="#0b4f8a",
    foreground="#1b222b",
    background="#f4f6f8",
    surface="#ffffff",
    panel="#e3e9f0",
    success="#13663b",
    warning="#7a4d00",
    error="#a3211a",
    dark=False,
    variables={
        "block-cursor-background": "#2b5f95",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
    },
)
THEMES = (DARK, LIGHT)
