"""What all screens are made of: commands, dialogs, questions, menus, workers."""
