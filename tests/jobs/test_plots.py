"""Plots are well-formed, stay within their frame, and say what they show."""

import re
from xml.etree import ElementTree

from jobs.plots import HEIGHT, WIDTH, Axis, draw_bars, draw_dots, draw_steps, linear_axis, logarithmic_axis


def text_of(value: float) -> str:
    return f"{value:g}"


def test_linear_axis_has_few_round_marks_and_holds_the_highest_value() -> None:
    for highest in (0.003, 0.9, 1, 7.3, 8, 41, 99, 100, 123_456):
        axis = linear_axis("", highest, text_of)
        assert axis.high >= highest
        assert 5 <= len(axis.ticks) <= 11, highest
        assert all(len(text.replace("0", "").replace(".", "")) <= 2 for _, text in axis.ticks)
    assert linear_axis("", 0, text_of).high > 0


def test_linear_axis_takes_the_given_steps() -> None:
    axis = linear_axis("", 200, text_of, (1, 15, 60, 3600))
    assert axis.ticks == [(0, "0"), (60, "60"), (120, "120"), (180, "180"), (240, "240")]
    assert len(linear_axis("", 10**7, text_of, (1, 15, 60, 3600)).ticks) <= 11


def test_logarithmic_axis_is_marked_at_powers_of_ten() -> None:
    axis = logarithmic_axis("", 30, 2_000, text_of)
    assert [value for value, _ in axis.ticks] == [10, 100, 1000, 10_000]
    assert [axis.place(value) for value in (1, 10, 10_000, 10**9)] == [0, 0, 1, 1]
    assert axis.place(316.2278) - 0.5 < 1e-6
    # One value, which is a power of ten itself, has an axis, too.
    assert len(logarithmic_axis("", 100, 100, text_of).ticks) == 2


def test_steps_form_areas_with_a_gap_at_a_break() -> None:
    axes = (linear_axis("time", 10, text_of), Axis("rate", 0, 4, [(0, "0")]))
    svg = draw_steps("a", "Rate", "Over time", axes, [(0, 1, 4), (1, 2, 2), (4, 5, 1)])
    (path,) = re.findall(r'class="area" d="([^"]*)"', svg)
    assert [part.count("H") for part in path.split("Z")] == [2, 1, 0]
    numbers = [float(number) for number in re.findall(r"[\d.]+", path)]
    assert max(numbers) <= WIDTH
    assert path.startswith("M58.0 218.0V26.0H")


def test_dots_lie_where_their_values_are() -> None:
    axes = (Axis("", 0, 10, []), Axis("", 0, 10, []))
    svg = draw_dots("a", "Dots", "", axes, [(0, 0), (10, 10), (20, -5)])
    assert 'd="M58.0 218.0h0M408.0 26.0h0M408.0 218.0h0"' in svg


def test_bars_are_in_proportion_and_their_texts_escaped() -> None:
    svg = draw_bars("a", "Failures", "<all>", [("<b>&", 200), ("c", 100), ("d", 0)])
    parsed = ElementTree.fromstring(svg)  # noqa: S314
    assert [float(rect.attrib["width"]) for rect in parsed.iter("rect")] == [WIDTH - 2, WIDTH / 2 - 1, 2]
    assert [text.text for text in parsed.iter("text")][:2] == ["<b>&", "200"]


def test_plots_are_named_for_those_who_do_not_see_them() -> None:
    axes = (linear_axis("x", 1, text_of), linear_axis("y", 1, text_of))
    for svg in (
        draw_steps("a", "T&T", "D<", axes, []),
        draw_dots("a", "T&T", "D<", axes, []),
        draw_bars("a", "T&T", "D<", []),
    ):
        parsed = ElementTree.fromstring(svg)  # noqa: S314
        assert parsed.attrib["role"] == "img"
        assert parsed.attrib["aria-labelledby"] == "a-title a-text"
        assert (parsed[0].text, parsed[0].attrib["id"]) == ("T&T", "a-title")
        assert (parsed[1].text, parsed[1].attrib["id"]) == ("D<", "a-text")
        assert float(parsed.attrib["viewBox"].split()[3]) <= HEIGHT
