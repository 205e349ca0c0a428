"""A plain terminal, which can be read aloud: questions one after another, with numbered choices."""
