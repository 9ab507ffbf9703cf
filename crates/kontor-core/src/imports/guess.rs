//! A first mapping from the names of columns: exact names and labels, in any case, with `_`, `-` and blanks alike.

use kontor_model::EntityModel;

use super::mapping::{ColumnMapping, Mapping};
use crate::Session;

/// The mapping that the names of columns suggest. A column that no field resembles stays out of it, and is then
/// reported by [`Mapping::check`].
pub fn guess(session: &Session, entity: &EntityModel, columns: &[String]) -> Mapping {
    let mut mapping = Mapping { entity: entity.name.clone(), ..Mapping::default() };
    for column in columns.iter().filter(|column| !column.is_empty()) {
        let wanted = simple(column);
        let fits = entity.fields.iter().filter(|field| field.is_typed()).find(|field| {
            let label = field.label(&session.catalogue);
            // `City` alone may be of any address: a part is meant by its whole name.
            let full = field.full_label(entity, &session.catalogue);
            let label = if field.part.is_some() { full.as_str() } else { label };
            [field.name.as_str(), field.title.as_str(), label, full.as_str()]
                .iter()
                .any(|name| simple(name) == wanted)
        });
        // A file with one column called like the entity gives its titles.
        let display = entity.display_field();
        let field = fits.or_else(|| {
            [&entity.name, &entity.title].iter().any(|name| simple(name) == wanted).then_some(display)
        });
        if let Some(field) =
            field.filter(|field| field.is_typed() && !mapping.columns.contains_key(&field.name))
        {
            mapping.columns.insert(field.name.clone(), ColumnMapping::of_column(column));
        }
    }
    mapping
}

fn simple(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
