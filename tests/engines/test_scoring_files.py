"""Every instrument file keeps the promises that pages and the engine rely on."""

import msgspec
import pytest

from middleground.engines import knowing, scoring
from middleground.engines.errors import BadLine

FORMS = scoring.instruments()
each = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
PATHS = knowing.files(scoring.AREA)
CLIENT_FORMS = [form for form in FORMS if form.administered == "self"]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_file_is_named_after_its_id_and_fits_the_schema(path):
    form = msgspec.convert(knowing.read(path), scoring.Instrument)
    assert form.id == path.stem


@each
def test_every_item_can_be_answered_and_ids_are_unique(form):
    ids = [item.id for item in form.items]
    assert len(set(ids)) == len(ids)
    for item in form.items:
        values = form.values(item)
        assert len(values) > 1 and list(values) == sorted(set(values))


@each
def test_bands_cover_every_total_once(form):
    step = 10**-form.total.decimals
    for bands in (form.bands, *form.bands_by_sex.values()):
        for band, after in zip(bands, bands[1:], strict=False):
            assert after.low == pytest.approx(band.high + step)
        assert len({band.id for band in bands}) == len(bands)
        assert bands[0].low == form.bands[0].low and bands[-1].high == form.bands[-1].high


@each
def test_bands_end_where_the_items_end(form):
    reach = [form.values(item) for item in form.items]
    shares = len(reach) if form.total.rule == "mean" else 1
    assert form.bands[0].low == sum(map(min, reach)) / shares
    assert form.bands[-1].high == sum(map(max, reach)) / shares


@each
def test_parts_name_items_that_exist(form):
    ids = {item.id for item in form.items}
    named = [s.items for s in form.subscales] + [a.items for a in form.alarms]
    named += [jump.when + jump.skip for jump in form.skips]
    assert all(set(items) <= ids for items in named)
    assert form.missing.at_most < len(ids)


@each
def test_a_change_value_is_points_or_percent(form):
    if form.change:
        assert (form.change.points is None) != (form.change.percent is None)


@pytest.mark.parametrize("form", CLIENT_FORMS, ids=lambda form: form.id)
def test_clients_can_read_it_in_spanish(form):
    words = [form.title, form.prompt, *(item.wording for item in form.items), *(band.label for band in form.bands)]
    words += [option.label for item in form.items for option in form.choices(item) if not option.label.en.isdigit()]
    assert all(text.es for text in words) and form.recall.es


def test_a_scale_offers_every_point_with_the_published_words():
    nausea = scoring.instrument("ciwa-ar").items[0]
    labels = [option.label.spoken("en") for option in scoring.instrument("ciwa-ar").choices(nausea)]
    assert (labels[0], labels[2], len(labels)) == ("None", "2", 8)


def test_words_fall_back_to_english_where_there_is_no_spanish():
    form = scoring.instrument("cows")
    assert form.title.spoken("es") == form.title.en
    assert scoring.instrument("phq-9").prompt.spoken("es").startswith("Durante")


def test_a_clinic_overrides_an_instrument_in_its_own_folder(tmp_path, monkeypatch):
    own = tmp_path / "instruments" / "craving-vas.yaml"
    own.parent.mkdir()
    shipped = (knowing.HOME / "instruments" / "craving-vas.yaml").read_text(encoding="utf-8")
    own.write_text(shipped.replace("low: 0, high: 0", "low: 0, high: 1").replace("low: 1, high: 3", "low: 2, high: 3"))
    before = scoring.score("craving-vas", [1])
    monkeypatch.setenv("MIDDLEGROUND_KNOWLEDGE", str(tmp_path))
    forget()
    after = scoring.score("craving-vas", [1])
    monkeypatch.undo()
    forget()
    assert (before.band, after.band) == ("mild", "none")
    assert before.version != after.version


def test_a_faulty_file_of_the_clinic_is_named(tmp_path, monkeypatch):
    own = tmp_path / "instruments" / "odd.yaml"
    own.parent.mkdir()
    own.write_text("{id: odd, source: s, version: '1', licence: l, effective: 2026-01-01, bandz: []}")
    monkeypatch.setenv("MIDDLEGROUND_KNOWLEDGE", str(tmp_path))
    forget()
    with pytest.raises(knowing.BadKnowledge, match="odd"):
        scoring.instrument("odd")
    monkeypatch.undo()
    forget()


def test_an_unknown_instrument_is_refused():
    with pytest.raises(BadLine, match="c-ssrs"):
        scoring.instrument("c-ssrs")


def forget():
    knowing.load.cache_clear()
    knowing.content_hash.cache_clear()
    scoring.instrument.cache_clear()
