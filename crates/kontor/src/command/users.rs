//! `user create|password|reset-second-factor|disable|list`.

use std::io::BufRead;

use kontor_core::identity::second_factor;
use kontor_core::identity::users::{self, NewUser};

use crate::arguments::User;
use crate::config::Config;
use crate::failure::Failure;
use crate::open;

/// Runs a command about users.
///
/// # Errors
/// What is wrong with the address, the password or the roles.
pub async fn run(config: &Config, user: User) -> Result<(), Failure> {
    let workspace = open::existing(config, &config.workspace).await?;
    let session = open::operator(&workspace);
    match user {
        User::Create { email, name, role, password_stdin } => {
            let password = if password_stdin { Some(line()?) } else { None };
            let new = NewUser { email: Some(email.clone()), name, roles: role, password, values: Vec::new() };
            let id = users::create(&session, new).await?;
            say!("{email} was made");
            say!("{id}");
        }
        User::Password { email, password_stdin } => {
            if !password_stdin {
                return Err(Failure::usage(
                    "say --password-stdin and give the password on one line of standard input",
                ));
            }
            let user = open::user(&workspace, &email).await?;
            users::set_password(&session, user, line()?).await?;
            say!("the password of {email} was set; all their sessions have ended");
        }
        User::ResetSecondFactor { email } => {
            let user = open::user(&workspace, &email).await?;
            second_factor::reset(&session, user).await?;
            say!("{email} has no second factor any more; all their sessions have ended");
        }
        User::Disable { email } => {
            let user = open::user(&workspace, &email).await?;
            users::disable(&session, user).await?;
            say!("{email} can no longer sign in");
        }
        User::List => {
            for user in users::list(&session).await? {
                let state = match (user.active, user.can_sign_in) {
                    (false, _) => "disabled",
                    (true, true) => "active",
                    (true, false) => "no password",
                };
                say!("{}\t{}\t{}\t{state}", user.email.unwrap_or_default(), user.name, user.roles.join(","));
            }
        }
    }
    workspace.store.close().await;
    Ok(())
}

/// One line of standard input, without its end.
fn line() -> Result<String, Failure> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Failure::new(format!("standard input: {error}")))?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}
