//! `admin/tokens`: the API tokens of everybody.

use axum::extract::Path;
use axum::response::Response;
use kontor_core::identity::{tokens, users};
use kontor_core::permissions::demand_admin;
use kontor_view::page::admin::users::TokensPage;
use kontor_view::page::profile::TokenList;
use uuid::Uuid;

use crate::error::Failure;
use crate::extract::form::Form;
use crate::present::flash;
use crate::routes::profile::{TokenPath, token_line};
use crate::visit::Reader;

/// The page.
pub async fn list_tokens(reader: Reader) -> Result<Response, Failure> {
    draw(&reader, "").await
}

/// `POST admin/tokens`: one for oneself, as on the profile.
pub async fn create_token(reader: Reader, sent: Form) -> Result<Response, Failure> {
    demand_admin(&reader.session, users::USERS)?;
    let days = sent.text("days").parse().unwrap_or(90);
    let secret = tokens::create(&reader.session, reader.session.actor.id, sent.text("name"), days).await?;
    draw(&reader, &secret).await
}

/// `POST admin/tokens/{id}/deletion`.
pub async fn withdraw_token(
    reader: Reader,
    Path(path): Path<TokenPath>,
    _sent: Form,
) -> Result<Response, Failure> {
    demand_admin(&reader.session, users::USERS)?;
    let id = Uuid::parse_str(&path.id).map_err(|_| Failure::not_found())?;
    tokens::revoke(&reader.session, id).await?;
    Ok(reader.go_saying(&reader.reading().admin_href("tokens"), &flash::done("tokens.withdrawn", &[])))
}

async fn draw(reader: &Reader, secret: &str) -> Result<Response, Failure> {
    demand_admin(&reader.session, users::USERS)?;
    let reading = reader.reading();
    let mut lines = Vec::new();
    for user in users::list(&reader.session).await? {
        for row in tokens::list(&reader.session, user.id).await? {
            lines.push(token_line(
                &reading,
                row.id,
                &row.name,
                &user.name,
                row.created_at,
                row.used_at,
                row.expires_at,
            ));
        }
    }
    let page = TokensPage {
        at: reader.visit.place(),
        tokens: TokenList { action: reading.admin_href("tokens"), tokens: lines, secret: secret.to_owned() },
    };
    reader.draw().below(reading.t("users.title"), reading.admin_href("users")).view(&page).await
}
