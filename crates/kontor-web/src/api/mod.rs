//! The JSON API: `/w/{workspace}/api/v1/…`. One file per resource.

pub mod answer;
mod approvals;
mod bulk;
mod changes;
mod checklist;
mod comments;
pub mod definitions;
pub mod files;
mod hooks;
mod idempotency;
mod list;
mod masks;
mod me;
mod merge;
mod metrics;
mod openapi;
mod packs;
mod query;
mod questions;
mod records;
mod reports;
pub mod rows;
mod saved;
mod schemas;
mod search;
mod shares;
mod snapshots;
mod versions;

use axum::Router;
use axum::routing::{delete, get, post, put};

use crate::app::App;
use crate::error::Failure;

/// All routes of the API.
pub fn routes() -> Router<App> {
    let below = |path: &str| format!("/w/{{workspace}}/api/v1/{path}");
    Router::new()
        .route(&below("records/{entity}"), get(list::list_records).post(records::create_record))
        .route(&below("records/{entity}/preview"), post(records::preview_record))
        .route(&below("records/{entity}/bulk"), post(bulk::write_records))
        .route(
            &below("records/{entity}/{id}"),
            get(records::show_record).patch(records::update_record).delete(records::delete_record),
        )
        .route(&below("records/{entity}/{id}/restore"), post(records::restore_record))
        .route(&below("records/{entity}/{id}/files"), get(files::list_drawer).post(files::add_to_drawer))
        .route(&below("records/{entity}/{id}/files/{file}"), delete(files::remove_from_drawer))
        .route(
            &below("records/{entity}/{id}/comments"),
            get(comments::list_comments).post(comments::add_comment),
        )
        .route(
            &below("records/{entity}/{id}/comments/{comment}"),
            axum::routing::patch(comments::edit_comment).delete(comments::remove_comment),
        )
        .route(&below("records/{entity}/{id}/follow"), put(comments::follow).delete(comments::unfollow))
        .route(&below("news"), get(comments::list_news))
        .route(&below("news/seen"), post(comments::see_all_news))
        .route(&below("news/{id}/seen"), post(comments::see_news))
        .route(&below("records/{entity}/{id}/shares"), get(shares::list_shares).post(shares::add_share))
        .route(&below("records/{entity}/{id}/shares/{share}"), delete(shares::remove_share))
        .route(&below("records/{entity}/{id}/reveal"), post(masks::reveal_value))
        .route(&below("records/{entity}/{id}/history"), get(records::show_history))
        .route(&below("records/{entity}/{id}/transitions/{stage}"), post(records::move_record))
        .route(&below("records/{entity}/{id}/checklist"), get(checklist::show_checklist))
        .route(
            &below("records/{entity}/{id}/checklist/{item}"),
            put(checklist::tick_item).delete(checklist::untick_item),
        )
        .route(&below("records/{entity}/{id}/actions/{name}"), post(records::run_action))
        .route(&below("records/{entity}/{id}/merge"), post(merge::merge_record))
        .route(&below("query"), post(query::run_query))
        .route(&below("reports/{name}"), get(reports::show_report))
        .route(&below("saved/{kind}"), get(saved::list_saved).post(saved::add_saved))
        .route(
            &below("saved/{kind}/{id}"),
            get(saved::show_saved).put(saved::change_saved).delete(saved::remove_saved),
        )
        .route(&below("metrics/{name}"), get(metrics::show_metric))
        .route(&below("snapshots/{name}"), get(snapshots::show_snapshot))
        .route(&below("definitions/{kind}"), get(definitions::list_definitions))
        .route(&below("definitions/{kind}/{*name}"), get(definitions::show_definition))
        .route(&below("schemas/{entity}"), get(schemas::show_schema))
        .route(&below("changes"), get(changes::list_changes).post(changes::open_change_set))
        .route(&below("changes/{id}"), get(changes::show_change_set).delete(changes::discard_change_set))
        .route(&below("changes/files"), post(changes::bring_in))
        .route(&below("changes/{id}/file"), get(changes::show_file))
        .route(&below("changes/{id}/rehearsal"), post(changes::rehearse))
        .route(&below("packs"), get(packs::list_packs))
        .route(&below("packs/{name}"), post(packs::bring_pack).delete(packs::remove_pack))
        .route(&below("packs/{name}/plan"), get(packs::show_plan))
        .route(&below("changes/{id}/plan"), get(changes::show_plan))
        .route(&below("changes/{id}/rename-uses"), post(changes::rename_uses))
        .route(&below("changes/{id}/options"), post(changes::add_options))
        .route(&below("changes/{id}/keep"), post(changes::keep_mine))
        .route(&below("changes/{id}/publish"), post(changes::publish_change_set))
        .route(
            &below("changes/{id}/{kind}/{*name}"),
            put(changes::put_definition).delete(changes::remove_definition),
        )
        .route(
            &below("publications/{id}"),
            get(changes::show_publication).delete(changes::cancel_publication),
        )
        .route(&below("versions"), get(versions::list_versions))
        .route(&below("versions/{n}/diff"), get(versions::show_difference))
        .route(&below("parked"), get(versions::list_parked))
        .route(&below("parked/purge"), post(versions::purge_parked))
        .route(&below("versions/{n}/restore"), post(versions::restore_version))
        .route(&below("questions"), get(questions::list_questions))
        .route(&below("questions/{id}"), get(questions::read_question))
        .route(&below("questions/{id}/answer"), post(questions::answer_question))
        .route(&below("approvals"), get(approvals::list_approvals))
        .route(&below("approvals/{id}/decision"), post(approvals::decide))
        .route(&below("approvals/{id}/delegation"), post(approvals::delegate))
        .route(&below("approvals/{id}/withdrawal"), post(approvals::withdraw))
        .route(&below("search"), get(search::search_records))
        .route(&below("files"), post(files::send_file))
        .route(&below("files/{id}"), get(files::show_file))
        .route(&below("hooks/{name}"), post(hooks::take_message))
        .route(&below("me"), get(me::show_me))
        .route(&below("openapi.json"), get(openapi::show_openapi))
        .route(&below("{*rest}"), axum::routing::any(no_such_call))
        .route_layer(axum::middleware::from_fn(idempotency::once))
}

async fn no_such_call() -> Failure {
    Failure::NoRoute
}
