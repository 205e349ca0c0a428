"""The library that Work and Share have in common: containers, documents and versions, who may see and change them, and
where they are found."""
