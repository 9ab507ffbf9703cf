//! `import/{id}/mapping`: which column goes to which field.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use indexmap::IndexMap;
use kontor_core::Error;
use kontor_core::imports::{self, ColumnMapping, Join, Mapping, RowsMapping};
use kontor_model::{EntityModel, Problems, json_fault};

use super::ImportPath;
use crate::error::Failure;
use crate::extract::form::Form;
use crate::extract::json;
use crate::present::import;
use crate::uploads::Upload;
use crate::visit::Reader;

/// The file of a page, and its entity.
pub fn find(reader: &Reader, path: &ImportPath) -> Result<(Arc<Upload>, Arc<EntityModel>), Failure> {
    let id = path.id()?;
    let upload = reader
        .visit
        .app
        .uploads
        .get(id, &reader.visit.name, reader.session.actor.id)
        .ok_or_else(Failure::not_found)?;
    let entity = reader.session.entity(&upload.entity)?;
    Ok((upload, entity))
}

/// `GET`.
pub async fn show_mapping(reader: Reader, Path(path): Path<ImportPath>) -> Result<Response, Failure> {
    let (upload, entity) = find(&reader, &path)?;
    if upload.is_under_way() {
        return Ok(reader.go(&format!("{}/import/{}", reader.visit.base, path.id)));
    }
    draw(&reader, &path, &upload, &entity, &Problems::new()).await
}

/// `POST`: `_do=check` tries the import without saving, `_do=json` takes the mapping as JSON, `_do=save` keeps it.
pub async fn save_mapping(
    reader: Reader,
    Path(path): Path<ImportPath>,
    sent: Form,
) -> Result<Response, Failure> {
    let (upload, entity) = find(&reader, &path)?;
    let here = format!("{}/import/{}", reader.visit.base, path.id);
    // Back from a page that is older than the run.
    if upload.is_under_way() {
        return Ok(reader.go(&here));
    }
    let wanted = if sent.text("_do") == "json" {
        let parsed = json::parse(sent.text("mapping_json").as_bytes())
            .map_err(|error| Problems::from(json_fault::told(&error.0, String::new())));
        parsed.and_then(|json| Mapping::from_json(&json))
    } else {
        Ok(read(&entity, &upload, &sent))
    };
    let mapping = match wanted {
        Ok(mapping) => mapping,
        Err(problems) => return draw(&reader, &path, &upload, &entity, &problems).await,
    };
    let mut table = upload.table();
    if let Some(join) = Join::of_mapping(&mapping) {
        let joining = Arc::clone(&upload);
        // Two large files: not on the threads that answer everybody.
        let joined = tokio::task::spawn_blocking(move || joining.joined(&join)).await;
        table = match joined.map_err(Error::internal)? {
            Ok(table) => table,
            Err(Error::Problems(problems)) => return draw(&reader, &path, &upload, &entity, &problems).await,
            Err(other) => return Err(other.into()),
        };
    }
    let checked = mapping.check(&entity, &reader.session.model, &table.columns);
    if !upload.set_mapping(mapping.clone(), Arc::clone(&table)) {
        return Ok(reader.go(&here));
    }
    if let Err(problems) = checked {
        return draw(&reader, &path, &upload, &entity, &problems).await;
    }
    if sent.text("_do") == "save" {
        imports::keep_mapping(&reader.session, &entity, &upload.file, &mapping).await?;
    }
    if sent.text("_do") != "check" {
        return Ok(reader.go(&format!("{here}/mapping")));
    }
    match imports::run(&reader.session, &entity, &upload.file, &table, &mapping, true, &|_| ()).await {
        Ok(outcome) => {
            upload.set_tried(outcome);
            Ok(reader.go(&here))
        }
        Err(Error::Problems(problems)) => draw(&reader, &path, &upload, &entity, &problems).await,
        Err(other) => Err(other.into()),
    }
}

/// The mapping that the form describes; what only JSON can say of a field stays as it was.
fn read(entity: &EntityModel, upload: &Upload, sent: &Form) -> Mapping {
    let before = upload.mapping();
    let columns = &upload.table().columns;
    let title = sent.text("mapping_name").trim().to_owned();
    let mut mapping = Mapping { title, entity: entity.name.clone(), ..Mapping::default() };
    mapping.workflows = before.workflows;
    mapping.match_field = Some(sent.text("match").to_owned()).filter(|name| !name.is_empty());
    for (number, column) in (1..).zip(columns) {
        let field = sent.text(&format!("map.{number}"));
        if field.is_empty() || field == "-" {
            mapping.ignore.push(column.clone());
            continue;
        }
        let old = before.columns.get(field).filter(|old| old.column.as_deref() == Some(column.as_str()));
        let by = sent.text(&format!("map.{number}.by"));
        mapping.columns.insert(
            field.to_owned(),
            ColumnMapping {
                column: Some(column.clone()),
                by: Some(by.to_owned()).filter(|by| !by.is_empty()),
                create_missing: sent.text(&format!("map.{number}.create")) == "1",
                values: replacements(sent.text(&format!("map.{number}.values"))),
                default: old.and_then(|old| old.default.clone()),
                when: old.and_then(|old| old.when.clone()),
                ..ColumnMapping::default()
            },
        );
    }
    mapping.rows = row_mappings(&before, sent);
    for name in sent.below("constant.") {
        let text = sent.text(&format!("constant.{name}"));
        if text.is_empty() || mapping.columns.contains_key(name) {
            continue;
        }
        let old = before.columns.get(name).filter(|old| old.column.is_none());
        let is_template = columns.iter().any(|column| text.contains(&format!("{{{column}}}")));
        let (constant, template) =
            if is_template { (None, Some(text.to_owned())) } else { (Some(text.to_owned()), None) };
        mapping.columns.insert(
            name.to_owned(),
            ColumnMapping {
                constant,
                template,
                when: old.and_then(|old| old.when.clone()),
                ..ColumnMapping::default()
            },
        );
        // A column that a template takes is not left out.
        if let Some(template) = mapping.columns.get(name).and_then(|one| one.template.clone()) {
            mapping.ignore.retain(|column| !template.contains(&format!("{{{column}}}")));
        }
    }
    mapping
}

/// How rows come in: a list that the page did not speak of yet stays as it was.
fn row_mappings(before: &Mapping, sent: &Form) -> IndexMap<String, RowsMapping> {
    let mut rows = before.rows.clone();
    let mut names: Vec<&str> =
        sent.below("rows.").into_iter().filter_map(|rest| rest.split('.').next()).collect();
    names.dedup();
    for name in names {
        let text = |key: &str| {
            Some(sent.text(&format!("rows.{name}.{key}")).to_owned()).filter(|text| !text.is_empty())
        };
        let said = RowsMapping {
            key: text("key"),
            column: text("column"),
            match_field: text("match"),
            keep: text("keep").is_some(),
        };
        rows.insert(name.to_owned(), said);
    }
    rows
}

/// One `from = to` per line.
fn replacements(text: &str) -> std::collections::BTreeMap<String, String> {
    text.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(from, to)| (from.trim().to_owned(), to.trim().to_owned()))
        .collect()
}

async fn draw(
    reader: &Reader,
    path: &ImportPath,
    upload: &Upload,
    entity: &Arc<EntityModel>,
    problems: &Problems,
) -> Result<Response, Failure> {
    let reading = reader.reading();
    let checks = imports::look(&reader.session, entity, &upload.table(), &upload.mapping()).await?;
    let page = import::mapping_page(&reading, entity, upload, &path.id, &checks, problems);
    let draw = reader.draw().below(reading.t("import.title"), format!("{}/import", reader.visit.base));
    if problems.is_empty() { draw.view(&page).await } else { draw.refused().view(&page).await }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacements_are_lines() {
        let found = replacements("GTXPro = GTX Pro\r\nbad line\n a=b");
        assert_eq!(
            found.into_iter().collect::<Vec<_>>(),
            [("GTXPro", "GTX Pro"), ("a", "b")].map(|(a, b)| (a.to_owned(), b.to_owned()))
        );
    }
}
