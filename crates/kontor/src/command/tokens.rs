//! `token create`.

use kontor_core::identity::tokens;

use crate::arguments::Token;
use crate::config::Config;
use crate::failure::Failure;
use crate::open;

/// Runs a command about tokens.
///
/// # Errors
/// When there is no such user.
pub async fn run(config: &Config, token: Token) -> Result<(), Failure> {
    let Token::Create { email, scope, days } = token;
    if !scope.is_empty() {
        return Err(Failure::usage(
            "tokens with scopes are not available yet: leave --scope out for a token that may do what the user may",
        ));
    }
    let workspace = open::existing(config, &config.workspace).await?;
    let user = open::user(&workspace, &email).await?;
    let secret = tokens::create(&open::operator(&workspace), user, "command line", days).await?;
    workspace.store.close().await;
    say!("a token for {email}, for {days} days; it is shown only now:");
    say!("{secret}");
    Ok(())
}
