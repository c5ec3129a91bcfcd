"""Plainly invented names: a bird, a tree, a stone. Nobody is called so twice in one clinic."""

import random

FIRST = """Wren Sol Rui Mae Kei Lou Ines Theo Ana Jo Dana Robin Lark Finch Martin Jay Linnet Merle Paloma Raven Teal Swift Piper Dove Starling
Ash Rowan Hazel Olive Laurel Linden Aspen Juniper Willow Cedar Sage Ivy Fern Clover Reed Basil Dill Saffron Briar Heather Bryony Tansy Yarrow
Jasper Opal Garnet Ruby Coral Slate Flint Onyx Amber Jade Beryl Pearl Agate Topaz Lapis Quartz Sable Marble Dune Cove Delta Brook River Lake""".split()
LAST = """Alder Moss Thicket Meadow Ford Heath Marsh Hollow Orchard Harbor Quarry Ridge Glen Copse Fallow Millrace Weir Towpath Lantern Kettle
Saddler Cooper Thatcher Fletcher Chandler Wainwright Weaver Tanner Mason Potter Glazier Ferrier Cobbler Miller Baker Brewer Shepherd Drover
Candle Thimble Button Ribbon Compass Sextant Anchor Rudder Halyard Mainsail Pebble Cobble Boulder Shingle Gravel Clay Loam Chalk Peat Silt
Northwind Eastgate Southfield Westbrook Overhill Underwood Longacre Shortbridge Highfield Lowmoor Farrow Nearwater""".split()


def names(chance: random.Random) -> "list[tuple[str, str]]":
    """All pairs of first and last name, in an order that belongs to the seed."""
    pairs = [(first, last) for first in FIRST for last in LAST]
    chance.shuffle(pairs)
    return pairs
