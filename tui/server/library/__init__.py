"""The library that Work and Share have in common: containers, documents and versions, who may see and change them, and
how they are found."""
