"""A stand-in for the vendor's Python client, for machines without it (see ../README.md).

It offers the names that plugin scripts import from the vendor's package, and makes the same calls in the same order. It is
written for this repository from the behaviour of that package on the wire, and needs Python's standard library only.
"""
