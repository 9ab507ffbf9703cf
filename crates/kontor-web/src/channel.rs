//! Inside or portal: by its address a request belongs to one of them, and people from outside belong to the portal. Asked once,
//! before any page; the rights of records are asked where they always are.

use axum::response::{IntoResponse, Redirect, Response};
use kontor_core::apps;
use kontor_core::portal::Portal;

use crate::error::Failure;
use crate::visit::Visit;

/// Where the portal of a workspace begins.
const PORTAL: &str = "portal";
/// Pages of the inside that people from outside need to come and go.
const DOORS: [&str; 3] = ["login", "login/code", "logout"];

/// The beginning of all addresses of a page: the workspace's, or that of its portal.
pub fn base_of(root: &str, path: &str) -> String {
    if is_portal(root, path) { portal_of(root) } else { root.to_owned() }
}

/// The beginning of the addresses of a workspace's portal.
pub fn portal_of(root: &str) -> String {
    format!("{root}/{PORTAL}")
}

fn is_portal(root: &str, path: &str) -> bool {
    let rest = path.strip_prefix(root).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
    rest.split('/').next() == Some(PORTAL)
}

/// Lets a visit in, narrowed to the portal where it belongs there; or shows the way.
///
/// # Errors
/// 404 for what the portal does not show, 403 for who would do something inside and belongs to the portal.
pub fn admit(visit: &mut Visit) -> Result<Option<Response>, Failure> {
    let Some(session) = &visit.session else { return Ok(None) };
    let is_outside = apps::is_outside(session);
    if visit.is_api {
        return if is_outside { Err(Failure::Outside) } else { Ok(None) };
    }
    let path = visit.here.split('?').next().unwrap_or_default().to_owned();
    let at_portal = is_portal(&visit.root, &path);
    if !at_portal && !is_outside {
        return Ok(None);
    }
    let narrowed = session.in_portal().ok_or_else(Failure::not_found)?;
    let portal = narrowed.portal.clone().unwrap_or_default();
    visit.session = Some(narrowed);
    visit.base = portal_of(&visit.root);
    if at_portal {
        let rest = path.strip_prefix(visit.base.as_str()).unwrap_or_default().trim_start_matches('/');
        return if is_shown(&portal, rest) { Ok(None) } else { Err(Failure::not_found()) };
    }
    let rest = path.strip_prefix(visit.root.as_str()).unwrap_or_default().trim_start_matches('/');
    if DOORS.contains(&rest) {
        return Ok(None);
    }
    if !visit.is_get {
        return Err(Failure::Outside);
    }
    Ok(Some(Redirect::to(&place(visit, &portal, rest)).into_response()))
}

/// Whether what an address is about has pages in the portal; the addresses themselves are the router's.
fn is_shown(portal: &Portal, rest: &str) -> bool {
    let mut parts = rest.split('/');
    let (kind, name) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match kind {
        "r" => portal.shows(name),
        "lookup" => portal.offers(name),
        "dashboards" => portal.has_dashboard(name),
        _ => true,
    }
}

/// The place in the portal of a page inside: the same list, record, dashboard or file where there is one, else its home.
fn place(visit: &Visit, portal: &Portal, rest: &str) -> String {
    let parts: Vec<&str> = rest.split('/').collect();
    let home = format!("{}/", visit.base);
    let is_record = |name: &str| name == "new" || uuid::Uuid::parse_str(name).is_ok();
    let has_place = match parts.as_slice() {
        ["r" | "dashboards" | "files", _] | ["profile"] => is_shown(portal, rest),
        ["r", _, record] => is_record(record) && is_shown(portal, rest),
        _ => false,
    };
    if !has_place {
        return home;
    }
    let query = visit.here.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
    format!("{home}{rest}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_tell_the_channel() {
        for (path, base) in [
            ("/w/main/", "/w/main"),
            ("/w/main/portal", "/w/main/portal"),
            ("/w/main/portal/r/x", "/w/main/portal"),
            ("/w/main/portals", "/w/main"),
            ("/w/main/r/portal", "/w/main"),
        ] {
            assert_eq!(base_of("/w/main", path), base, "{path}");
        }
    }
}
