"""The record of what was asked and answered: a chain that shows every change, though its texts can be erased."""
