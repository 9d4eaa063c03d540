"""Logistic regression, as small as the fits of this project need it."""

import numpy as np

_RIDGE = 0.01
_STEPS = 50


def logistic(rows: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Coefficients and, last, the bias of a logistic regression by Newton's method, with a small ridge."""
    rows = np.column_stack([rows, np.ones(len(rows))])
    ridge = _RIDGE * np.diag([1.0] * (rows.shape[1] - 1) + [0.0])
    found = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(rows @ found, -30, 30)))
        slope = rows.T @ (weights * (labels - chance)) - ridge @ found
        curve = rows.T @ (rows * (weights * chance * (1 - chance))[:, None]) + ridge
        found = found + np.linalg.solve(curve, slope)
    return found


def chances(rows: np.ndarray, found: np.ndarray) -> np.ndarray:
    """The probability of each row under fitted coefficients."""
    told: np.ndarray = 1 / (1 + np.exp(-np.clip(rows @ found[:-1] + found[-1], -30, 30)))
    return told
