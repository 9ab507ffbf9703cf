//! What is wrong with an entity at another place than the page is about: what that place is called, and where it is changed.

use kontor_model::definition::DefinitionKind;
use kontor_model::{Json, Problem};
use kontor_view::page::part::ProblemLine;

use super::conditions::in_words;
use super::items::{self, Part};
use crate::frame::address;
use crate::present::Reading;
use crate::routes::admin::draft::text;

/// The line of a problem that lies in another field, in a rule, a duplicate rule or a record type; `None` for all others.
pub fn line(reading: &Reading<'_>, entity: &str, body: &Json, problem: &Problem) -> Option<ProblemLine> {
    let mut keys = problem.path.strip_prefix('/')?.split('/');
    let (list, name) = (keys.next()?, keys.next()?);
    let base = reading.admin_href(&format!("entities/{}", address::segment(entity)));
    let (label, anchor) = if list == "properties" {
        of_field(reading, entity, body, &base, (name, keys.next().unwrap_or_default()))?
    } else {
        let part =
            [Part::Rule, Part::Duplicate, Part::RecordType].into_iter().find(|part| part.key() == list)?;
        let item = body.get(list)?.get(name.parse::<usize>().ok()?)?;
        let href = format!("{base}/{}/{}", part.path(), address::segment(text(item, "name")));
        (items::title_of(reading, entity, part, item), href)
    };
    let message = in_words(reading, None, problem).message(&reading.labels);
    Some(ProblemLine { anchor, label, message, ..ProblemLine::default() })
}

fn of_field(
    reading: &Reading<'_>,
    entity: &str,
    body: &Json,
    base: &str,
    (field, key): (&str, &str),
) -> Option<(String, String)> {
    let own = body.get("properties")?.get(field)?;
    let path = format!("properties.{field}.title");
    let label = reading.label(DefinitionKind::Entity, entity, &path, text(own, "title"));
    let page = format!("{base}/fields/{}", address::segment(field));
    let Some(when) =
        key.strip_suffix("_when").filter(|when| matches!(*when, "visible" | "required" | "readonly"))
    else {
        return Some((label, page));
    };
    let at = format!("/properties/{field}/{key}");
    let condition = reading.admin_href(&format!("condition/entity/{}", address::segment(entity)));
    let href = address::with_query(&condition, [("at", at.as_str()), ("back", page.as_str())]);
    let colon = reading.t("form.colon");
    Some((format!("{label}{colon}{}", reading.t(&format!("condition.{when}"))), href))
}
