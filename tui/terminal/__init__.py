"""What terminals can do, what is written to them, and what they answer: without Textual."""
