//! `admin/entities/diagram?around=&depth=&fields=`: the data model as a picture.

use axum::response::Response;
use kontor_model::definition::DefinitionKind;
use kontor_view::field::OptionView;
use kontor_view::page::admin::diagram::DiagramPage;

use super::draft::Draft;
use crate::error::Failure;
use crate::extract::query::Query;
use crate::present::admin::diagram;
use crate::visit::Reader;

/// Farthest that the neighbours of an entity are followed.
const DEEPEST: usize = 4;

/// The page.
pub async fn show_diagram(reader: Reader, query: Query) -> Result<Response, Failure> {
    let draft = Draft::open(&reader.session).await?;
    let reading = reader.reading();
    let is_large = draft.all(DefinitionKind::Entity).len() > diagram::MOST;
    let around = match query.get("around") {
        None if is_large => diagram::busiest(&draft),
        chosen => chosen.unwrap_or_default(),
    };
    let depth = query.text("depth").parse().unwrap_or(1).clamp(1, DEEPEST);
    let mut chosen = diagram::within(&draft, around, depth);
    chosen.fields = match query.text("fields") {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let mut entities = vec![OptionView::new("", reading.t("diagram.everything"), chosen.around.is_empty())];
    for (name, json) in draft.all(DefinitionKind::Entity) {
        let title = reading.definition_title(DefinitionKind::Entity, name, json);
        entities.push(OptionView::new(name, title, name == chosen.around));
    }
    let page = DiagramPage {
        at: reader.visit.place(),
        action: reading.admin_href("entities/diagram"),
        around: entities,
        depths: (1..=DEEPEST)
            .map(|one| {
                OptionView::new(
                    one.to_string(),
                    reading.words().count("diagram.links_away", one),
                    one == depth,
                )
            })
            .collect(),
        fields: ["", "yes", "no"]
            .map(|one| {
                let key = if one.is_empty() { "auto" } else { one };
                OptionView::new(one, reading.t(&format!("diagram.fields_{key}")), one == query.text("fields"))
            })
            .to_vec(),
        diagram: diagram::draw(&reading, &draft, &chosen),
        links: diagram::lines(&reading, &draft, &chosen),
        list_href: reading.admin_href("entities"),
    };
    reader.draw().below(reading.t("entities.title"), reading.admin_href("entities")).view(&page).await
}
