//! Journeys: what a person, an operator or a client does with the built program, on SQLite and on PostgreSQL.
//! Each file is one part of the promises in the documentation of addresses, API and commands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::float_cmp, reason = "numbers in answers are compared with what was sent")]
#![allow(clippy::too_many_lines, reason = "a journey is told from its beginning to its end")]

mod agreement;
mod answers;
mod api_errors;
mod bad_input;
mod base;
mod browser;
mod bulk;
mod chinese;
mod commands;
mod conditions;
mod conversions;
mod definitions;
mod derived;
mod designer;
mod documents;
mod drafts;
mod encryption;
mod field_page;
mod file_ways;
mod files;
mod first_hour;
mod folder;
mod formats;
mod forms;
mod import_page;
mod import_rows;
mod kinds;
mod large_indexes;
mod large_tables;
mod links;
mod lists;
mod maven;
mod model_pages;
mod money;
mod money_jobs;
mod openapi;
mod packs;
mod pages;
mod problems;
mod promotion;
mod proofs;
mod purge;
mod query;
mod random_layers;
mod records;
mod relations;
mod relations_pages;
mod reports;
mod rolled_up;
mod scripts;
mod second_look;
mod sign_in;
mod site_visit;
mod trees;
mod undo;
mod uses;
mod views;
mod ways_in;
mod whole_documents;
mod workflow_pages;
mod workflows;
mod world;
