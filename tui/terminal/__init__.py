"""What terminals can do, what they are told, and what they answer: without Textual."""
