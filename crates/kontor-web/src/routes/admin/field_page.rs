//! The page of a field's definition.

use axum::response::Response;
use kontor_model::definition::DefinitionKind;
use kontor_model::{Json, Problems};
use kontor_view::page::admin::field::{FieldPage, KindChoice};
use kontor_view::page::part::{Link, Tab};

use super::draft::{Draft, text};
use crate::error::Failure;
use crate::extract::form::Form;
use crate::frame::address;
use crate::present::Reading;
use crate::present::admin::{entity as present_entity, facets, translations};
use crate::visit::Reader;

/// What the editor shows: which field of which entity, in which kind and source.
pub struct Shown<'a> {
    /// The entity's name.
    pub entity: &'a str,
    /// Its definition in the draft.
    pub body: &'a Json,
    /// The field's name; empty for a new one.
    pub field: &'a str,
    /// The chosen kind.
    pub kind: String,
    /// Where its value comes from.
    pub source: &'static str,
    /// Where to go afterwards.
    pub back: String,
}

impl Shown<'_> {
    /// The field's definition, empty for a new one.
    pub fn definition(&self) -> Json {
        self.body
            .get("properties")
            .and_then(|all| all.get(self.field))
            .cloned()
            .unwrap_or_else(|| Json::Object(serde_json::Map::new()))
    }

    fn is_required(&self) -> bool {
        let required = self.body.get("required").and_then(Json::as_array).into_iter().flatten();
        required.into_iter().any(|name| name.as_str() == Some(self.field))
    }
}

/// The page; 422 when something is wrong.
#[expect(clippy::too_many_lines, reason = "one page from its beginning to its end")]
pub async fn draw(
    reader: &Reader,
    draft: &Draft<'_>,
    shown: &Shown<'_>,
    typed: &Form,
    problems: &Problems,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let field = shown.definition();
    let is_new = shown.field.is_empty();
    let base = reading.admin_href(&format!("entities/{}", address::segment(shown.entity)));
    let own = if is_new {
        format!("{base}/fields/new")
    } else {
        format!("{base}/fields/{}", address::segment(shown.field))
    };
    let link = |kind: &str, source: &str| {
        let title = typed.text("title");
        address::with_query(
            &own,
            [
                ("kind", kind),
                ("source", if source == "typed" && is_new { "" } else { source }),
                ("title", title),
                ("back", shown.back.as_str()),
            ],
        )
    };
    let offered = if is_new { facets::offered() } else { facets::convertible() };
    let published = reader
        .session
        .model
        .entity(shown.entity)
        .and_then(|entity| entity.field(shown.field))
        .map(|field| field.key.clone());
    let entities: Vec<(String, String)> = draft
        .all(DefinitionKind::Entity)
        .into_iter()
        .map(|(name, json)| {
            (name.to_owned(), reading.label(DefinitionKind::Entity, name, "title", text(json, "title")))
        })
        .collect();
    let given = |name: &str, own: &str| typed.get(name).map_or_else(|| own.to_owned(), str::to_owned);
    let mut page = FieldPage {
        at: reader.visit.place(),
        entity: present_entity::head(&reading, shown.entity, shown.body),
        is_new,
        action: if is_new { format!("{base}/fields") } else { own.clone() },
        cancel_href: if shown.back.is_empty() {
            base.clone()
        } else {
            address::own_path_or(&shown.back, &base).to_owned()
        },
        kinds: if is_new || offered.contains(&shown.kind.as_str()) {
            offered
                .iter()
                .map(|kind| KindChoice {
                    name: (*kind).to_owned(),
                    href: link(kind, shown.source),
                    selected: *kind == shown.kind,
                })
                .collect()
        } else {
            Vec::new()
        },
        kind: shown.kind.clone(),
        title: given("title", text(&field, "title")),
        name: given("name", shown.field),
        key: published.unwrap_or_default(),
        facets: facets::views(&reading, &shown.kind, &field, typed, &entities),
        translations: translations::of_label(
            &reading,
            draft,
            shown.entity,
            &format!("properties.{}.title", shown.field),
            typed,
        ),
        sources: facets::SOURCES
            .iter()
            .map(|source| Tab {
                href: link(&shown.kind, source),
                title: reading.t(&format!("field_editor.source_{source}")),
                count: String::new(),
                current: *source == shown.source,
            })
            .collect(),
        source_fields: facets::source_views(&reading, shown.source, &field, typed),
        rules: facets::rule_views(&reading, &shown.kind, &field, shown.is_required(), typed),
        used_by: if is_new {
            Vec::new()
        } else {
            present_entity::uses_text(&reading, shown.entity, Some(shown.field))
        },
        about_href: reading.admin_href(&format!("kinds/{}", address::segment(&shown.kind))),
        conditions: if is_new { Vec::new() } else { conditions(&reading, shown, &field) },
        remove_href: if is_new { String::new() } else { format!("{own}/removal") },
        ..FieldPage::default()
    };
    // Numbers are drawn, pointers and secrets are typed: nothing else can be their source.
    let is_typed_only =
        |kind: &dyn kontor_model::kind::FieldKind| kind.is_drawn() || kind.is_link() || kind.is_write_only();
    if kontor_model::kind::find(&shown.kind).is_some_and(is_typed_only) {
        page.sources = Vec::new();
    }
    place_problems(&reading, problems, &mut page);
    let draw = reader
        .draw()
        .below(reading.t("entities.title"), reading.admin_href("entities"))
        .below(page.entity.title.clone(), base);
    if problems.is_empty() { draw.view(&page).await } else { draw.refused().view(&page).await }
}

/// The conditions of the field, each with its page; those of a choice for every option.
fn conditions(reading: &Reading<'_>, shown: &Shown<'_>, field: &Json) -> Vec<Link> {
    let own = reading.admin_href(&format!("condition/entity/{}", address::segment(shown.entity)));
    let back = reading.admin_href(&format!(
        "entities/{}/fields/{}",
        address::segment(shown.entity),
        address::segment(shown.field)
    ));
    let link = |at: String, title: String, is_set: bool| Link {
        note: reading.t(if is_set { "condition.set" } else { "condition.none" }),
        ..Link::new(
            address::with_query(&own, [("at", at.as_str()), ("back", back.as_str())]),
            title,
            if is_set { "list-checks" } else { "circle" },
        )
    };
    let mut links: Vec<Link> = ["visible", "required", "readonly"]
        .into_iter()
        .map(|key| {
            let is_set = field.get(format!("{key}_when")).is_some();
            let at = format!("/properties/{}/{key}_when", shown.field);
            link(at, reading.t(&format!("condition.{key}")), is_set)
        })
        .collect();
    for option in field.get("oneOf").and_then(Json::as_array).into_iter().flatten() {
        let (value, title) = (text(option, "const"), text(option, "title"));
        let key = value.replace('~', "~0").replace('/', "~1");
        let at = format!("/properties/{}/options_when/{key}", shown.field);
        let is_set = field.get("options_when").and_then(|all| all.get(value)).is_some();
        let title = reading.words().with("condition.options", &[("option", title)]);
        links.push(link(at, title, is_set));
    }
    links
}

/// Problems stand at the inputs they are about, the others above the form.
fn place_problems(reading: &Reading<'_>, problems: &Problems, page: &mut FieldPage) {
    let mut inputs: Vec<&mut kontor_view::FieldView> =
        page.facets.iter_mut().chain(&mut page.source_fields).chain(&mut page.rules).collect();
    let titles = kontor_core::records::Titles::new();
    page.problems = reading.presenter(&titles).place_problems(problems, &mut inputs, false);
    for line in page
        .problems
        .iter_mut()
        .filter(|line| line.anchor.is_empty() && matches!(line.label.as_str(), "title" | "name"))
    {
        line.anchor = format!("f-{}", line.label);
    }
}
