//! The page of a field's definition, and of a column that links have of their own.

use axum::response::Response;
use kontor_core::definitions::drafts;
use kontor_model::definition::DefinitionKind;
use kontor_model::kind::{self, FieldKind, Group};
use kontor_model::{Json, Problem, Problems};
use kontor_view::FieldView;
use kontor_view::field::OptionView;
use kontor_view::page::admin::field::{FieldPage, KindChoice, KindGroup};
use kontor_view::page::part::Link;

use super::as_read;
use super::draft::{Draft, text};
use super::field_base;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::frame::address;
use crate::present::admin::facets::{self, Editing};
use crate::present::admin::{
    conditions, elsewhere, entity as present_entity, form_places, sources, translations,
};
use crate::present::{Reading, list_field};
use crate::visit::Reader;

/// Where a field stands: in an entity, or among the columns of one of its lists.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The entity's name.
    pub entity: String,
    /// The list's name; empty for a field of the entity itself.
    pub list: String,
}

impl Place {
    /// What holds the fields: the entity's definition or the list's.
    pub fn holder<'j>(&self, body: &'j Json) -> Option<&'j Json> {
        if self.list.is_empty() { Some(body) } else { body.get("properties")?.get(&self.list) }
    }

    /// The same, to be changed.
    pub fn holder_mut<'j>(&self, body: &'j mut Json) -> Option<&'j mut Json> {
        if self.list.is_empty() { Some(body) } else { body.get_mut("properties")?.get_mut(&self.list) }
    }

    /// Where its fields begin in the entity's definition.
    pub fn pointer(&self) -> String {
        if self.list.is_empty() {
            "/properties".to_owned()
        } else {
            format!("/properties/{}/properties", self.list)
        }
    }

    /// The page behind this one: of the entity, or of the list.
    pub fn base(&self, reading: &Reading<'_>) -> String {
        let own = reading.admin_href(&format!("entities/{}", address::segment(&self.entity)));
        if self.list.is_empty() { own } else { format!("{own}/fields/{}", address::segment(&self.list)) }
    }

    /// The addresses of its fields begin with this.
    pub fn fields(&self, reading: &Reading<'_>) -> String {
        let word = if self.list.is_empty() { "fields" } else { "columns" };
        format!("{}/{word}", self.base(reading))
    }
}

/// What the editor shows: which field of which place, in which kind and source.
pub struct Shown<'a> {
    /// Where the field stands.
    pub place: &'a Place,
    /// The entity's definition in the draft.
    pub body: &'a Json,
    /// The field's name; empty for a new one.
    pub field: &'a str,
    /// The chosen kind.
    pub kind: String,
    /// Whether somebody chose it.
    pub chosen: bool,
    /// Where its value comes from.
    pub source: &'static str,
    /// Where to go afterwards.
    pub back: String,
}

impl Shown<'_> {
    /// The field's definition, empty for a new one.
    pub fn definition(&self) -> Json {
        let fields = self.place.holder(self.body).and_then(|holder| holder.get("properties"));
        let own = fields.and_then(|all| all.get(self.field));
        own.cloned().unwrap_or_else(|| Json::Object(serde_json::Map::new()))
    }

    fn is_required(&self) -> bool {
        let required = self.body.get("required").and_then(Json::as_array).into_iter().flatten();
        required.into_iter().any(|name| name.as_str() == Some(self.field))
    }
}

/// The page; 422 when something is wrong.
pub async fn draw(
    reader: &Reader,
    draft: &Draft<'_>,
    shown: &Shown<'_>,
    typed: &Form,
    problems: &Problems,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let field = shown.definition();
    let model = drafts::model(&reader.session).await?;
    let editing = Editing {
        reading: &reading,
        draft,
        model: &model,
        entity: &shown.place.entity,
        list: &shown.place.list,
        name: shown.field,
        kind: &shown.kind,
        source: shown.source,
        field: &field,
        typed,
    };
    let mut page = page(&editing, shown);
    page.at = reader.visit.place();
    if !shown.field.is_empty() {
        let standing = field_base::standing(draft, shown.place, shown.body, shown.field);
        page.at.read = as_read::carried(Some(typed), &Json::Object(standing));
    }
    page.key = editing.published().map(|field| field.key.clone()).unwrap_or_default();
    let formula = typed.get("formula").unwrap_or_else(|| text(&field, "formula"));
    page.formula_fault = sources::formula_fault(problems, formula);
    place_problems(&reading, shown, problems, &mut page);
    page.more_open = page.more.iter().any(|view| !view.problems.is_empty());
    let (base, list_title) = (shown.place.base(&reading), page.list_title.clone());
    let mut draw = reader.draw().below(reading.t("entities.title"), reading.admin_href("entities")).below(
        page.entity.title.clone(),
        Place { list: String::new(), ..shown.place.clone() }.base(&reading),
    );
    if !list_title.is_empty() {
        draw = draw.below(list_title, base);
    }
    if problems.is_empty() { draw.view(&page).await } else { draw.refused().view(&page).await }
}

fn page(editing: &Editing<'_>, shown: &Shown<'_>) -> FieldPage {
    let (reading, typed, field) = (editing.reading, editing.typed, editing.field);
    let is_new = shown.field.is_empty();
    let (base, fields) = (shown.place.base(reading), shown.place.fields(reading));
    let own = format!("{fields}/{}", address::segment(shown.field));
    let given = |name: &str, own: &str| typed.get(name).map_or_else(|| own.to_owned(), str::to_owned);
    let is_column = !shown.place.list.is_empty();
    let path = format!("{}.{}", shown.place.pointer().trim_start_matches('/').replace('/', "."), shown.field);
    let holds_columns = kind::find(&shown.kind).is_some_and(has_columns) && !is_column;
    let forms = form_places::of(editing, &shown.back);
    FieldPage {
        on_forms: forms.standing,
        off_forms: forms.offered,
        entity: present_entity::head(reading, &shown.place.entity, shown.body),
        list_title: list_title(reading, shown),
        is_new,
        action: if is_new { fields } else { own.clone() },
        cancel_href: address::own_path_or(&shown.back, &base).to_owned(),
        kinds: groups(editing, shown),
        becomes: becomes(editing),
        kinds_open: is_new && !shown.chosen,
        kind: shown.kind.clone(),
        back: shown.back.clone(),
        heading: heading(editing, shown, &path),
        title: given("title", text(field, "title")),
        name: given("name", shown.field),
        facets: facets::views(editing),
        translations: translations::of_label(
            reading,
            editing.draft,
            &shown.place.entity,
            &format!("{path}.title"),
            typed,
        ),
        sources: source_choices(reading, shown),
        source: shown.source.to_owned(),
        source_fields: sources::views(editing, shown.source),
        condition: if shown.source == "rollup" { sources::rollup_condition(editing) } else { None },
        formula_help: if shown.source == "formula" { sources::formula_help(editing) } else { Vec::new() },
        rules: facets::rule_views(editing, shown.is_required()),
        more: facets::rare_views(editing),
        columns: if holds_columns { columns(reading, field, &own) } else { Vec::new() },
        add_column_href: if holds_columns && !is_new { format!("{own}/columns/new") } else { String::new() },
        used_by: if is_new || is_column {
            Vec::new()
        } else {
            present_entity::uses_links(reading, &shown.place.entity, Some(shown.field))
        },
        about_href: reading.admin_href(&format!("kinds/{}", address::segment(&shown.kind))),
        all_kinds_href: reading.admin_href("kinds"),
        conditions: if is_new || is_column { Vec::new() } else { conditions(reading, shown, field) },
        origin_href: origin_href(editing, shown),
        remove_href: if is_new || is_column { String::new() } else { format!("{own}/removal") },
        can_remove: is_column && !is_new,
        ..FieldPage::default()
    }
}

/// Where each value of a published field comes from: the entity's page about that, narrowed to the field.
fn origin_href(editing: &Editing<'_>, shown: &Shown<'_>) -> String {
    if editing.published().is_none() {
        return String::new();
    }
    let own = super::origin::known_href(editing.reading, DefinitionKind::Entity, &shown.place.entity);
    if own.is_empty() {
        return own;
    }
    address::with_query(&own, [("q", format!("{}/{}", shown.place.pointer(), shown.field))])
}

/// What the field is called in the reader's language, as the draft has it.
fn heading(editing: &Editing<'_>, shown: &Shown<'_>, path: &str) -> String {
    if shown.field.is_empty() {
        return String::new();
    }
    let own = text(editing.field, "title");
    let path = format!("{path}.title");
    let language = editing.reading.labels.language.as_str();
    let drafted = translations::drafted_label(editing.draft, language, &shown.place.entity, &path);
    drafted.unwrap_or_else(|| editing.reading.label(DefinitionKind::Entity, &shown.place.entity, &path, own))
}

/// Whether each of the records that a field of the kind holds has columns of its own.
fn has_columns(kind: &dyn FieldKind) -> bool {
    kind.facets().iter().any(|facet| facet.key == "properties")
}

fn list_title(reading: &Reading<'_>, shown: &Shown<'_>) -> String {
    if shown.place.list.is_empty() {
        return String::new();
    }
    let own = shown.place.holder(shown.body).map(|list| text(list, "title")).unwrap_or_default();
    let path = format!("properties.{}.title", shown.place.list);
    reading.label(DefinitionKind::Entity, &shown.place.entity, &path, own)
}

/// The kinds that can be chosen, by groups: for what is published those it can become; none when it stays what it is. What
/// a link says of itself is a value, not a list of records.
fn groups(editing: &Editing<'_>, shown: &Shown<'_>) -> Vec<KindGroup> {
    let published = editing.published();
    let mut offered = published.map_or_else(facets::offered, facets::becoming);
    if !shown.place.list.is_empty() {
        offered.retain(|name| kind::find(name).is_some_and(|kind| !kind.is_list() && !kind.is_drawn()));
    }
    let is_alone = published.is_some() && offered.iter().all(|name| *name == shown.kind);
    if is_alone || (!shown.field.is_empty() && !offered.contains(&shown.kind.as_str())) {
        return Vec::new();
    }
    let kinds_of = |group: Group| -> Vec<KindChoice> {
        let own = offered.iter().filter(|name| kind::find(name).is_some_and(|kind| kind.group() == group));
        own.map(|name| KindChoice { name: (*name).to_owned(), selected: *name == shown.kind }).collect()
    };
    let groups = Group::ALL.into_iter();
    groups
        .map(|group| KindGroup { name: group.as_str().to_owned(), kinds: kinds_of(group) })
        .filter(|group| !group.kinds.is_empty())
        .collect()
}

/// What becomes of the values that are there when the field gets another kind; empty when it keeps its own.
fn becomes(editing: &Editing<'_>) -> String {
    let Some(published) = editing.published().filter(|field| field.kind.name() != editing.kind) else {
        return String::new();
    };
    let to_link = kind::find(editing.kind).is_some_and(FieldKind::is_link);
    let word = match (published.kind.is_link(), to_link) {
        (false, true) => "field_editor.becomes_link",
        (true, false) => "field_editor.becomes_title",
        (true, true) => "field_editor.becomes_other_link",
        (false, false) => "field_editor.becomes_value",
    };
    let title = |kind: &str| editing.reading.t(&format!("kind.{kind}.title"));
    let (from, to) = (title(published.kind.name()), title(editing.kind));
    editing.reading.words().with(word, &[("from", &from), ("to", &to)])
}

/// Where the value may come from. Numbers are drawn, pointers and secrets are typed: nothing else can be their source.
fn source_choices(reading: &Reading<'_>, shown: &Shown<'_>) -> Vec<OptionView> {
    let is_typed_only =
        |kind: &dyn FieldKind| kind.is_drawn() || kind.is_link() || kind.is_list() || kind.is_write_only();
    let is_column = !shown.place.list.is_empty();
    if is_column || kind::find(&shown.kind).is_some_and(is_typed_only) {
        return Vec::new();
    }
    facets::SOURCES
        .iter()
        .map(|source| {
            let title = reading.t(&format!("field_editor.source_{source}"));
            OptionView::new(*source, title, *source == shown.source)
        })
        .collect()
}

/// The columns that each link has, each with its page.
fn columns(reading: &Reading<'_>, field: &Json, own: &str) -> Vec<Link> {
    let all = field.get("properties").and_then(Json::as_object).into_iter().flatten();
    all.map(|(name, column)| Link {
        note: reading.kind_title(text(column, "kind")),
        icon: text(column, "kind").to_owned(),
        ..Link::new(format!("{own}/columns/{}", address::segment(name)), text(column, "title").to_owned(), "")
    })
    .collect()
}

/// The conditions of the field, each with its page; those of options stand in their table.
fn conditions(reading: &Reading<'_>, shown: &Shown<'_>, field: &Json) -> Vec<Link> {
    let own = reading.admin_href(&format!("condition/entity/{}", address::segment(&shown.place.entity)));
    let back = reading.admin_href(&format!(
        "entities/{}/fields/{}",
        address::segment(&shown.place.entity),
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
    let keys: &[&str] =
        if shown.source == "typed" { &["visible", "required", "readonly"] } else { &["visible"] };
    let one = |key: &&str| {
        let is_set = field.get(format!("{key}_when")).is_some();
        let at = format!("/properties/{}/{key}_when", shown.field);
        link(at, reading.t(&format!("condition.{key}")), is_set)
    };
    keys.iter().map(one).collect()
}

/// Problems stand at the inputs they are about, the others above the form.
fn place_problems(reading: &Reading<'_>, shown: &Shown<'_>, problems: &Problems, page: &mut FieldPage) {
    let mut rest = Problems::new();
    let mut lines = Vec::new();
    for problem in problems.iter() {
        // A name that cannot be one is told of the list of fields, which has it as a key.
        let is_of_name = matches!(problem.code.as_ref(), "not_a_name" | "reserved_name");
        let at_name = Problem { path: "/name".into(), ..problem.clone() };
        let problem = if is_of_name && problem.path == "/properties" { &at_name } else { problem };
        match elsewhere::line(reading, &shown.place.entity, shown.body, problem) {
            Some(line) => lines.push(line),
            None => rest.push(problem.clone()),
        }
    }
    for view in page.facets.iter_mut().filter(|view| view.list.is_some()) {
        let (of_rows, others) = list_field::place_problems(reading, view, rest, false);
        lines.extend(of_rows);
        rest = others;
    }
    let mut inputs: Vec<&mut FieldView> = page
        .facets
        .iter_mut()
        .chain(&mut page.source_fields)
        .chain(&mut page.rules)
        .chain(&mut page.more)
        .chain(&mut page.off_forms)
        .collect();
    let titles = kontor_core::records::Titles::new();
    lines.extend(reading.presenter(&titles).place_problems(&rest, &mut inputs, false));
    for line in lines.iter_mut().filter(|line| line.anchor.is_empty()) {
        let word = match line.label.as_str() {
            "title" => {
                page.title_fault.clone_from(&line.message);
                "entity.label"
            }
            "name" => {
                page.name_fault.clone_from(&line.message);
                "entities.name"
            }
            "where" => "condition.legend",
            _ => continue,
        };
        line.anchor =
            if word == "condition.legend" { conditions::ANCHOR.into() } else { format!("f-{}", line.label) };
        line.label = reading.t(word);
    }
    page.problems = lines;
}
