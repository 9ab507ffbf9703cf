//! What handlers take from a request, already checked: form bodies with their token, strict JSON, query pairs.

pub mod body;
pub mod file_form;
pub mod form;
pub mod input;
pub mod json;
pub mod list;
pub mod list_form;
pub mod multipart;
pub mod query;
pub mod record_form;
