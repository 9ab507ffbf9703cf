//! Which layer says what stands at a control, and what the layer below says.

use kontor_core::definitions::layers::WORKSPACE;
use kontor_model::Json;
use kontor_model::layer::{self, Place, identity, value_at};
use kontor_view::page::admin::shape::{ShapeField, ShapeItem};
use kontor_view::page::part::Link;

use super::draw::Drawing;
use super::read::{INSIDE, put};
use crate::present::admin::packs::shown as in_short;
use crate::routes::admin::draft::layer_title;

/// Longer values of the layer below are cut.
const BELOW: usize = 80;

impl Drawing<'_> {
    /// Whether a layer below says what stands at a control, or something else.
    pub(super) fn layered(&self, field: &mut ShapeField, value: Option<&Json>, at: &str) {
        let Some(below) = self.below else { return };
        let place = place_of(self.known.whole, at);
        let was = place.as_ref().and_then(|place| value_at(below, place));
        match (was, value) {
            (Some(was), Some(now)) if was == now => field.from = self.layer(below, place.as_ref()),
            (Some(was), _) => {
                field.over = self.layer(below, place.as_ref());
                field.below = in_short(Some(was)).chars().take(BELOW).collect();
            }
            (None, _) => {}
        }
    }

    pub(super) fn item_layer(&self, item: &mut ShapeItem, value: &Json, at: &str) {
        let Some(below) = self.below else { return };
        let place = Place::of_pointer(self.known.whole, at);
        if let Some(was) = place.as_ref().and_then(|place| value_at(below, place)) {
            item.changed = was != value;
            item.from = self.layer(below, place.as_ref());
        }
    }

    /// Items of the layer below that are not here any more.
    pub(super) fn gone(&self, at: &str, items: &[Json]) -> Vec<Link> {
        let Some(below) = self.below else { return Vec::new() };
        let was =
            place_of(self.known.whole, at).and_then(|place| value_at(below, &place)).and_then(Json::as_array);
        let here: Vec<&str> = items.iter().filter_map(identity).collect();
        let lost = was.into_iter().flatten().filter_map(|one| {
            let known = identity(one).filter(|known| !here.contains(known))?;
            let title = one.get("title").and_then(Json::as_str).unwrap_or(known);
            Some(Link::new(format!("{at}{INSIDE}{known}"), title, ""))
        });
        lost.collect()
    }

    pub(super) fn layer(&self, below: &Json, place: Option<&Place>) -> String {
        let pointer = place.and_then(|place| place.pointer_in(below)).unwrap_or_default();
        let found = layer::origin(self.layers, self.known.kind, self.name, &pointer);
        layer_title(self.known.reading, found.filter(|layer| *layer != WORKSPACE))
    }
}

/// The place of a control: where nothing stands there now, the place of what is around it and its key.
fn place_of(whole: &Json, at: &str) -> Option<Place> {
    if let Some(place) = Place::of_pointer(whole, at) {
        return Some(place);
    }
    let mut filled = whole.clone();
    put(&mut filled, at, Some("".into()));
    Place::of_pointer(&filled, at)
}
