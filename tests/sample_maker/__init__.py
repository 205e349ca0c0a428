"""Development only: writes the sample matters. Run it as ``python -m tests.sample_maker``.

Every document is a text in ``content/MATTER/`` (``.md`` if it becomes pages, otherwise ``.txt``), and ``matter.toml``
there has its name, its folder and its versions; the modules here turn it into a file of its type. The program itself
reads the written files (see ``tui.sample``) and never imports this package.
"""
