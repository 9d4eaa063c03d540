"""A bundle for a machine that never sees a network: made here, verified anywhere, installed there.

`install` and what it imports run on the other machine straight from the package's wheel, before anything is installed:
they need nothing but the standard library.
"""
