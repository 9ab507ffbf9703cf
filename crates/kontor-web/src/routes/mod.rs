//! The pages of a workspace: one file per resource. A handler extracts, calls the core once, and draws one page.

pub mod admin;
mod apps;
mod calendar;
mod dashboard_filters;
mod dashboards;
mod files;
mod home;
pub mod imports;
mod inbox;
mod lists;
mod login;
mod metrics;
pub mod own;
mod portal;
pub mod profile;
mod questions;
pub mod records;
mod reports;
mod search;
mod second_factor;
mod set_up;
mod snapshots;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

/// The path of a page below a workspace.
fn below(path: &str) -> String {
    format!("/w/{{workspace}}/{path}")
}

/// The path of a page below the portal of a workspace.
fn below_portal(path: &str) -> String {
    format!("/w/{{workspace}}/portal/{path}")
}

/// All pages.
pub fn routes() -> Router<App> {
    Router::new()
        .merge(shared(below))
        .merge(shared(below_portal))
        .merge(inside())
        .merge(admin::routes())
        .route(&below("portal"), get(portal::enter_portal))
        .route(&below_portal("login"), get(portal::enter_portal))
}

/// Pages that the inside and the portal have.
fn shared(below: fn(&str) -> String) -> Router<App> {
    Router::new()
        .route(&below(""), get(home::show_home))
        .route(&below("logout"), post(login::sign_out))
        .route(&below("apps/{name}"), get(apps::choose_app))
        .route(&below("profile"), get(profile::show_profile).post(profile::save_profile))
        .route(&below("profile/password"), post(profile::change_password))
        .route(
            &below("profile/second-factor"),
            get(second_factor::show_set_up).post(second_factor::save_set_up),
        )
        .route(&below("profile/second-factor/codes"), post(second_factor::renew_codes))
        .route(&below("profile/second-factor/end"), post(second_factor::end_own))
        .route(&below("profile/theme"), post(profile::choose_theme))
        .route(&below("profile/language"), post(profile::choose_language))
        .route(&below("files/{id}"), get(files::show_file))
        .route(&below("lookup/{entity}"), get(records::lookup::find_options))
        .route(&below("r/{entity}"), get(records::list::show_list).post(records::save::create_record))
        .route(&below("r/{entity}/new"), get(records::form::show_new))
        .route(&below("r/{entity}/preview"), post(records::preview::preview_new))
        .route(&below("r/{entity}/{id}/preview"), post(records::preview::preview_edit))
        .route(
            &below("r/{entity}/{id}"),
            get(records::record::show_record).post(records::save::update_record),
        )
        .route(&below("r/{entity}/{id}/edit"), get(records::form::show_edit))
        .route(
            &below("r/{entity}/{id}/deletion"),
            get(records::deletion::ask_deletion).post(records::deletion::delete_record),
        )
        .route(&below("r/{entity}/{id}/days"), post(records::calendar::move_to_day))
        .route(&below("r/{entity}/{id}/files"), post(records::drawer::add_files))
        .route(&below("r/{entity}/{id}/files/{file}/deletion"), post(records::drawer::remove_file))
        .route(&below("r/{entity}/{id}/comments"), post(records::comments::add_comment))
        .route(&below("r/{entity}/{id}/comments/{comment}"), post(records::comments::edit_comment))
        .route(&below("r/{entity}/{id}/comments/{comment}/deletion"), post(records::comments::remove_comment))
        .route(&below("r/{entity}/{id}/restore"), post(records::bin::restore_record))
        .route(&below("r/{entity}/{id}/transitions"), post(records::moves::move_record))
        .route(&below("r/{entity}/{id}/checklist"), post(records::checklist::tick_item))
        .route(
            &below("r/{entity}/{id}/actions/{name}"),
            get(records::actions::ask_one).post(records::actions::run_one),
        )
        .route(&below("dashboards/{name}"), get(dashboards::show_dashboard))
}

/// Pages that the inside alone has.
fn inside() -> Router<App> {
    Router::new()
        .route(&below("login"), get(login::show_login).post(login::sign_in))
        .route(&below("login/code"), get(second_factor::show_code).post(second_factor::take_code))
        .route(&below("set-up"), get(set_up::show_set_up).post(set_up::complete_set_up))
        .route(&below("setup"), get(set_up::show_set_up))
        .route(&below("profile/tokens"), post(profile::create_token))
        .route(&below("profile/tokens/{id}/deletion"), post(profile::withdraw_token))
        .route(&below("search"), get(search::show_search))
        .route(&below("inbox"), get(inbox::show_inbox))
        .route(&below("inbox/seen"), post(inbox::see_notices))
        .route(&below("inbox/questions/{id}"), get(questions::show_question).post(questions::answer))
        .route(&below("inbox/notices/{id}/seen"), post(inbox::see_notice))
        .route(&below("inbox/{record}/seen"), post(inbox::mark_seen))
        .route(&below("inbox/requests/{id}/decision"), post(inbox::decide))
        .route(&below("inbox/requests/{id}/delegation"), post(inbox::delegate))
        .route(&below("inbox/requests/{id}/withdrawal"), post(inbox::withdraw))
        .route(&below("lists"), get(lists::show_lists))
        .route(&below("calendar"), get(calendar::show_calendar))
        .route(&below("r/{entity}/export.csv"), get(records::export::export_list))
        .route(&below("r/{entity}/bin"), get(records::bin::show_bin))
        .route(&below("r/{entity}/deletion"), post(records::deletion::delete_many))
        .route(&below("r/{entity}/purge"), post(records::purge::purge_many))
        .route(&below("r/{entity}/merge"), post(records::merge::merge_chosen))
        .route(
            &below("r/{entity}/{id}/merge"),
            get(records::merge::ask_merge).post(records::merge::merge_records),
        )
        .route(&below("r/{entity}/bulk"), post(records::bulk::change_many))
        .route(&below("r/{entity}/bulk/undo"), post(records::bulk::undo))
        .route(&below("r/{entity}/views"), get(records::views::list_views))
        .route(&below("r/{entity}/views/first"), post(records::views::choose_first))
        .route(
            &below("r/{entity}/views/{view}"),
            get(records::views::show_view).post(records::views::change_view),
        )
        .route(&below("r/{entity}/views/{view}/deletion"), post(records::views::delete_view))
        .route(&below("r/{entity}/{id}/history"), get(records::history::show_history))
        .route(
            &below("r/{entity}/{id}/reveal/{field}"),
            get(records::reveal::ask_reveal).post(records::reveal::reveal_value),
        )
        .route(&below("r/{entity}/{id}/activities"), post(records::activities::change_activities))
        .route(&below("r/{entity}/{id}/follow"), post(records::comments::follow_record))
        .route(&below("r/{entity}/{id}/shares"), post(records::shares::add_share))
        .route(&below("r/{entity}/{id}/shares/{share}/deletion"), post(records::shares::remove_share))
        .route(
            &below("r/{entity}/{id}/purge"),
            get(records::purge::ask_purge).post(records::purge::purge_record),
        )
        .route(&below("r/{entity}/actions/{name}"), post(records::actions::run_many))
        .route(&below("r/{entity}/outcome/{key}"), get(records::outcome::show_outcome))
        .route(&below("reports"), get(reports::list_reports))
        .route(&below("reports/new"), get(reports::builder::show_builder).post(reports::builder::save_report))
        .route(&below("reports/{name}"), get(reports::show_report))
        .route(&below("reports/{name}/edit"), get(reports::builder::edit_report))
        .route(&below("own/{kind}/{name}"), get(own::show_own).post(own::save_own))
        .route(&below("own/{kind}/{name}/deletion"), post(own::delete_own))
        .route(&below("metrics/{name}"), get(metrics::show_metric))
        .route(&below("snapshots/{name}"), get(snapshots::show_snapshot))
        .route(&below("import"), get(imports::show_upload).post(imports::upload))
        .route(&below("import/{id}"), get(imports::show_import))
        .route(&below("import/{id}/mapping"), get(imports::show_mapping).post(imports::save_mapping))
        .route(&below("import/{id}/run"), post(imports::run_import))
        .route(&below("import/{id}/undo"), post(imports::undo_import))
        .route(&below("import/{id}/errors.csv"), get(imports::download_errors))
}
