//! `admin/dictionary`: everything about what is published, as a page to print, as CSV and as JSON.

use axum::response::Response;
use kontor_model::EntityModel;
use kontor_view::page::admin::dictionary::DictionaryPage;
use kontor_view::page::part::Link;

use super::draft::Draft;
use crate::api::answer;
use crate::error::Failure;
use crate::extract::query::Query;
use crate::frame::address;
use crate::present::admin::dictionary;
use crate::present::export;
use crate::visit::Reader;

/// From so many entities on each has a page of its own, unless the whole is asked for.
const MANY: usize = 60;

/// `?entity=` one of them, `?all=1` every one however many, `?format=csv|json`.
pub async fn show_dictionary(reader: Reader, query: Query) -> Result<Response, Failure> {
    Draft::open(&reader.session).await?;
    let published = Draft::published(&reader.session);
    let reading = reader.reading();
    let model = &reader.session.model;
    let wanted = query.text("entity");
    let format = query.text("format");
    if !wanted.is_empty() && model.entity(wanted).is_none() {
        return Err(Failure::not_found());
    }
    let is_whole = model.entities.len() <= MANY || !query.text("all").is_empty() || !format.is_empty();
    let is_shown = |entity: &EntityModel| {
        if wanted.is_empty() { is_whole } else { entity.name == wanted }
    };
    let mut entities: Vec<_> = model
        .entities
        .values()
        .filter(|entity| is_shown(entity))
        .map(|entity| dictionary::entity(&reading, &published, entity))
        .collect();
    match format {
        "csv" => return export::csv("data-dictionary", &dictionary::table(&reading, &entities)),
        "json" => {
            let version = model.version;
            return Ok(answer::json(&serde_json::json!({ "version": version, "entities": entities })));
        }
        _ => {}
    }
    let base = reading.admin_href("dictionary");
    for entity in &mut entities {
        // Pairs are designed where the field is that implies them.
        let implied = model.entity(&entity.name).and_then(|model| model.implied.as_ref());
        let path = match implied {
            Some(one) => format!("{}/fields/{}", address::segment(&one.entity), address::segment(&one.field)),
            None => address::segment(&entity.name),
        };
        entity.href = reading.admin_href(&format!("entities/{path}"));
    }
    let index = model
        .entities
        .values()
        .map(|entity| {
            let href = if is_whole && wanted.is_empty() {
                format!("#{}", entity.name)
            } else {
                address::with_query(&base, [("entity", &entity.name)])
            };
            Link::new(href, reading.plural_of(entity), entity.icon.clone())
        })
        .collect();
    let stamp = reading.words().with(
        "dictionary.stamp",
        &[("version", &model.version.to_string()), ("when", &reading.format.moment(reader.session.now))],
    );
    let one = |format: &str| address::with_query(&base, [("entity", wanted), ("format", format)]);
    let page = DictionaryPage {
        at: reader.visit.place(),
        index,
        entities,
        stamp,
        all_href: if is_whole && wanted.is_empty() {
            String::new()
        } else {
            address::with_query(&base, [("all", "1")])
        },
        csv_href: one("csv"),
        json_href: one("json"),
    };
    reader.draw().below(reading.t("entities.title"), reading.admin_href("entities")).view(&page).await
}
