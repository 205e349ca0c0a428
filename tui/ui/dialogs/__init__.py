"""Dialogs that are about no send: details, members, policy, sessions, settings, sign-in, activity."""
