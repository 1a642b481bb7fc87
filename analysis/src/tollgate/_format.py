"""Numbers in words and tables: three digits that matter, as the program prints them."""

from __future__ import annotations

import math


def number(value: float, digits: int = 3) -> str:
    """Format with so many significant digits, never in powers of ten: 4326, 38.7, 0.0513, 0."""
    if value is None or not math.isfinite(value):
        return "-"
    if value == 0:
        return "0"
    decimals = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, decimals)
    if abs(rounded) < 1e-6:
        return "0" if abs(value) < 1e-9 else f"{value:.0e}"
    # Rounding may have gained a digit: 9.996 is 10.0, not 10.00.
    decimals = digits - 1 - math.floor(math.log10(abs(rounded)))
    return f"{rounded:.{max(decimals, 0)}f}"


def beside(value: float, difference: float, digits: int = 3) -> str:
    """Format a mean with the decimals of a difference, so that two means show how they differ."""
    if not (math.isfinite(value) and math.isfinite(difference)) or difference == 0:
        return number(value, digits)
    decimals = max(0, min(digits - 1 - math.floor(math.log10(abs(difference))), 6))
    text, plain = f"{value:.{decimals}f}", number(value, digits)
    return plain if value == 0 or len(text) < len(plain) else text


def signed(value: float, digits: int = 3) -> str:
    """Format a difference, with its sign."""
    text = number(value, digits)
    return text if text in ("0", "-") or text.startswith("-") else f"+{text}"


def percent(share: float) -> str:
    """Format a share, and say so where it rounds to nothing or to all."""
    if not math.isfinite(share):
        return "-"
    if 0 < share < 0.005:
        return "<1%"
    if 0.995 <= share < 1:
        return ">99%"
    return f"{100 * share:.0f}%"


def unit(text: str) -> str:
    """Return the unit as it is written after a number; a pure number has none."""
    return "" if text == "1" else text
