//! The administrator's pages. Every form changes the draft (the reader's own open change set); nothing is in use before it
//! is published.

pub mod as_read;
mod begin;
mod carry;
mod changes;
pub mod condition;
mod definitions;
mod diagram;
mod dictionary;
mod discards;
pub mod draft;
mod entities;
mod entity;
mod entity_settings;
mod field_base;
pub mod field_page;
mod field_removal;
mod fields;
mod forms;
mod items;
mod jobs;
mod kinds;
mod open_sets;
mod origin;
mod packs;
mod parked;
mod problems;
mod processes;
mod roles;
mod rows_link;
mod scripts;
pub mod secrets;
mod sets;
mod settings;
pub mod shape;
pub mod source;
mod steps;
mod tables;
mod tokens;
mod translations;
mod trigger;
mod users;
mod versions;
mod views;
mod workflows;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

/// All of them.
pub fn routes() -> Router<App> {
    let below = |path: &str| format!("/w/{{workspace}}/admin{path}");
    Router::new()
        .route(&below(""), get(entities::begin))
        .route(&below("/entities"), get(entities::list_entities).post(entities::create_entity))
        .route(&below("/entities/new"), get(entities::show_new))
        .route(&below("/entities/diagram"), get(diagram::show_diagram))
        .route(&below("/entities/{entity}"), get(entity::show_entity).post(entity_settings::save_settings))
        .route(&below("/entities/{entity}/relations/new"), get(entity_settings::begin_relation))
        .route(&below("/entities/{entity}/removal"), get(entity::ask_removal).post(entity::remove_entity))
        .route(&below("/entities/{entity}/fields"), post(fields::create_field))
        .route(&below("/entities/{entity}/fields/new"), get(fields::show_new))
        .route(&below("/entities/{entity}/fields/{field}"), get(fields::show_field).post(fields::save_field))
        .route(
            &below("/entities/{entity}/fields/{field}/removal"),
            get(field_removal::ask_removal).post(field_removal::remove_field),
        )
        .route(&below("/entities/{entity}/fields/{field}/return"), post(field_removal::take_back))
        .route(&below("/entities/{entity}/fields/{field}/columns"), post(fields::create_column))
        .route(&below("/entities/{entity}/fields/{field}/columns/new"), get(fields::show_new_column))
        .route(
            &below("/entities/{entity}/fields/{field}/columns/{column}"),
            get(fields::show_column).post(fields::save_column),
        )
        .route(&below("/kinds"), get(kinds::list_kinds))
        .route(&below("/kinds/{kind}"), get(kinds::show_kind))
        .route(&below("/entities/{entity}/sets/{list}/{fields}"), get(sets::show_set).post(sets::save_set))
        .route(&below("/entities/{entity}/{part}/{name}"), get(items::show_item).post(items::save_item))
        .route(
            &below("/condition/{kind}/{*name}"),
            get(condition::show_condition).post(condition::save_condition),
        )
        .route(&below("/tables/{name}"), get(tables::show_table).post(tables::save_table))
        .route(&below("/settings"), get(settings::show_settings).post(settings::save_settings))
        .route(&below("/entities/{entity}/fields/{field}/position"), post(entity_settings::move_field))
        .route(&below("/forms"), get(|reader, query| definitions::list_kind(reader, query, "form")))
        .route(&below("/forms/{name}"), get(forms::show_form).post(forms::change_form))
        .route(&below("/views"), get(|reader, query| definitions::list_kind(reader, query, "view")))
        .route(&below("/views/{name}"), get(views::show_view).post(views::change_view))
        .route(&below("/processes"), get(|reader, query| definitions::list_kind(reader, query, "process")))
        .route(&below("/reports"), get(|reader, query| definitions::list_kind(reader, query, "report")))
        .route(&below("/metrics"), get(|reader, query| definitions::list_kind(reader, query, "metric")))
        .route(&below("/snapshots"), get(|reader, query| definitions::list_kind(reader, query, "snapshot")))
        .route(&below("/dashboards"), get(|reader, query| definitions::list_kind(reader, query, "dashboard")))
        .route(&below("/begin/{kind}"), get(begin::show_begin).post(begin::choose))
        .route(&below("/definitions"), get(|reader, query| definitions::list_kind(reader, query, "view")))
        .route(&below("/definitions/{kind}"), get(definitions::list_definitions))
        .route(&below("/source/{kind}/{*name}"), get(source::show_source).post(source::save_source))
        .route(&below("/edit/{kind}/{name}"), get(shape::show_shape).post(shape::save_shape))
        .route(&below("/documentation/{kind}"), get(shape::show_documentation))
        .route(&below("/discard/{kind}/{*name}"), post(source::discard_draft))
        .route(&below("/removal/{kind}/{*name}"), post(source::remove_definition))
        .route(&below("/scripts"), get(scripts::list_scripts))
        .route(&below("/scripts/new"), get(scripts::begin_script))
        .route(&below("/scripts/{*name}"), get(scripts::show_script).post(scripts::save_script))
        .route(&below("/script-test/{*name}"), post(scripts::test_script))
        .route(&below("/workflows"), get(workflows::list_workflows))
        .route(&below("/workflows/{name}"), get(workflows::show_workflow))
        .route(&below("/workflows/{name}/active"), post(workflows::toggle_workflow))
        .route(&below("/workflows/{name}/trigger"), get(trigger::show_trigger).post(trigger::save_trigger))
        .route(&below("/workflows/{name}/step"), get(steps::show_step).post(steps::save_step))
        .route(&below("/workflows/{name}/steps"), post(steps::move_step))
        .route(&below("/processes/new"), get(processes::show_new).post(processes::create_process))
        .route(&below("/runs/{id}/retry"), post(jobs::retry_run))
        .route(&below("/runs/{id}/stop"), post(jobs::stop_run))
        .route(&below("/events/{id}/retry"), post(jobs::retry_event))
        .route(&below("/calculations/{id}/retry"), post(jobs::retry_calculation))
        .merge(of_people())
        .merge(of_changes())
}

/// Who works here, and what they may.
fn of_people() -> Router<App> {
    let below = |path: &str| format!("/w/{{workspace}}/admin{path}");
    Router::new()
        .route(&below("/roles"), get(roles::list_roles))
        .route(&below("/roles/{name}"), get(roles::show_role).post(roles::save_role))
        .route(&below("/roles/{name}/fields/{entity}"), get(roles::show_fields).post(roles::save_fields))
        .route(&below("/users"), get(users::list_users).post(users::create_user))
        .route(&below("/users/new"), get(users::show_new))
        .route(&below("/users/{id}"), get(users::show_user).post(users::save_user))
        .route(&below("/users/{id}/active"), post(users::toggle_user))
        .route(&below("/users/{id}/second-factor"), post(users::reset_factor))
        .route(&below("/secrets"), get(secrets::list_secrets).post(secrets::make_secret))
        .route(&below("/secrets/{name}/rotation"), post(secrets::change_secret))
        .route(&below("/secrets/{name}/deletion"), get(secrets::ask_removal).post(secrets::remove_secret))
        .route(&below("/tokens"), get(tokens::list_tokens).post(tokens::create_token))
        .route(&below("/tokens/{id}/deletion"), post(tokens::withdraw_token))
}

/// Changes on their way, what became of earlier ones, and what there is besides the definitions themselves.
fn of_changes() -> Router<App> {
    let below = |path: &str| format!("/w/{{workspace}}/admin{path}");
    Router::new()
        .route(&below("/changes"), get(changes::show_changes))
        .route(&below("/changes/open"), get(open_sets::list_sets))
        .route(&below("/changes/{id}"), get(changes::show_set))
        .route(&below("/changes/{id}/take"), post(open_sets::take))
        .route(&below("/changes/{id}/publish"), post(changes::publish))
        .route(&below("/changes/{id}/follow"), post(changes::follow))
        .route(&below("/changes/{id}/options"), post(changes::add_options))
        .route(&below("/changes/{id}/keep"), post(changes::settle))
        .route(&below("/problems/revert"), post(problems::revert))
        .route(&below("/parked"), get(parked::show_parked).post(parked::purge))
        .route(&below("/publications/{id}"), get(changes::show_publication))
        .route(&below("/publications/{id}/cancel"), post(changes::cancel_publication))
        .route(&below("/changes/{id}/discard"), get(discards::ask).post(changes::discard))
        .route(&below("/changes/{id}/return"), post(discards::bring_back))
        .route(&below("/versions"), get(versions::list_versions))
        .route(&below("/versions/{n}/restore"), get(versions::ask_restore).post(versions::restore))
        .route(&below("/changes/files"), post(carry::bring_in))
        .route(&below("/changes/{id}/rehearse"), post(changes::rehearse))
        .route(&below("/changes/{id}/file"), get(carry::download))
        .route(&below("/packs"), get(packs::list_packs))
        .route(&below("/packs/{name}/change"), get(packs::show_change).post(packs::make_change))
        .route(&below("/packs/{name}/removal"), get(packs::ask_removal).post(packs::remove_pack))
        .route(&below("/origin/{kind}/{*name}"), get(origin::show_origin).post(origin::give_back))
        .route(&below("/dictionary"), get(dictionary::show_dictionary))
        .route(&below("/translations"), get(translations::show_languages).post(translations::add_language))
        .route(
            &below("/translations/{language}"),
            get(translations::show_language).post(translations::save_language),
        )
        .route(&below("/jobs"), get(jobs::show_jobs))
        .route(&below("/problems"), get(problems::show_problems))
}
