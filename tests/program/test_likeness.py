"""The check for copied notes and for other members' names."""

from middleground.program.likeness import alike, warnings

NAMES = {1: ("Wren", "Alder", ""), 2: ("Rae", "Birch", "Sunny"), 3: ("Will", "Alder", "")}


def found(parts, before=None):
    return [(w.client, w.sort, w.other) for w in warnings(parts, NAMES, before)]


def test_a_members_name_in_anothers_note_is_found_with_whose_it_is():
    assert found({1: "Was moved by what Rae said."}) == [(1, "name", 2)]
    assert found({1: "Was moved by Sunny's story."}) == [(1, "name", 2)]


def test_ones_own_name_and_a_shared_family_name_are_no_leak():
    assert found({1: "Wren Alder spoke of her week."}) == []


def test_a_common_word_that_is_a_name_counts_only_when_capitalised():
    assert found({1: "She will try again."}) == []
    assert found({1: "She sat beside Will."}) == [(1, "name", 3)]


def test_the_shared_part_names_nobody():
    assert found({0: "Wren opened the group."}) == [(0, "name", 1)]


def test_a_copied_note_is_found_in_the_group_and_in_the_persons_own_past():
    text = "Shared two triggers from the weekend and practiced the pause skill with the group."
    near = "Shared three triggers from the weekend and practiced the pause skill with the group."
    assert found({1: text, 2: near}) == [(2, "same", 1)]
    assert found({1: text}, {1: text}) == [(1, "before", None)]


def test_unrelated_notes_are_left_alone():
    assert not alike(
        "Spoke about sleep and made a plan for the evening.", "Asked for help with the letter to the court on Friday."
    )


def test_short_lines_are_compared_whole():
    assert found({1: "Took part.", 2: "took part"}) == [(2, "same", 1)]
    assert found({1: "Took part.", 2: "Took notes."}) == []
