//! What roles ask of who signs in.

use kontor_model::definition::DefinitionKind;
use kontor_model::network::Network;
use kontor_model::{Json, Model};

/// The networks of each role that names some. A role whose networks cannot be read admits nobody.
pub(super) fn networks(roles: &[&Json]) -> Vec<Vec<Network>> {
    let lists = roles.iter().filter_map(|role| role.pointer("/login/addresses")?.as_array());
    let read = |list: &Vec<Json>| list.iter().filter_map(Json::as_str).filter_map(Network::parse).collect();
    lists.map(read).collect()
}

/// Whether one of the roles demands a second factor. That of the administrator counts, too: nobody is locked out by it, for
/// whoever has none sets one up.
pub(super) fn second_factor(model: &Model, roles: &[String]) -> bool {
    let definitions = roles.iter().filter_map(|role| model.definition(DefinitionKind::Role, role));
    let demands = |role: &Json| role.pointer("/login/second_factor").and_then(Json::as_bool) == Some(true);
    definitions.into_iter().any(demands)
}
