//! What roles ask of who signs in.

use kontor_model::Json;
use kontor_model::network::Network;

/// The networks of each role that names some. A role whose networks cannot be read admits nobody.
pub(super) fn networks(roles: &[&Json]) -> Vec<Vec<Network>> {
    let lists = roles.iter().filter_map(|role| role.pointer("/login/addresses")?.as_array());
    let read = |list: &Vec<Json>| list.iter().filter_map(Json::as_str).filter_map(Network::parse).collect();
    lists.map(read).collect()
}
