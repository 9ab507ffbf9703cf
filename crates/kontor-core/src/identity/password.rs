//! Passwords: argon2id, off the async threads, few at a time so that a flood of sign-ins cannot eat the memory.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use kontor_model::{Problem, Problems};
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// Shortest password, in characters. Source: NIST SP 800-63B asks for at least 8 with a second factor, 15 without;
/// OWASP ASVS 5 for at least 8. We stand between.
pub const MIN_LENGTH: usize = 12;
/// Longest password, in bytes: a bound on the work, far above any sentence.
pub const MAX_LENGTH: usize = 1024;

/// Hashes and verifies with a bound on how many at once.
#[derive(Clone, Debug)]
pub struct Passwords {
    permits: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(2)) }
    }
}

impl Passwords {
    /// The PHC string (`$argon2id$…`) of a password.
    ///
    /// # Errors
    /// When the machine gives no randomness or the hash cannot be made.
    pub async fn hash(&self, password: String) -> Result<String> {
        self.run(move || {
            let mut salt = [0_u8; 16];
            getrandom::fill(&mut salt).map_err(Error::internal)?;
            let hash: PasswordHash = Argon2::default()
                .hash_password_with_salt(password.as_bytes(), &salt)
                .map_err(Error::internal)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether the password belongs to the hash. Without a hash the same work is done for nothing, so that the time
    /// does not tell whether an account exists.
    ///
    /// # Errors
    /// When the work could not be run.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        let Some(hash) = hash else {
            self.hash(password).await?;
            return Ok(false);
        };
        self.run(move || {
            let parsed = PasswordHash::new(&hash).map_err(Error::internal)?;
            Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        })
        .await
        .map_err(Error::internal)?
    }
}

/// Checks a new password.
///
/// # Errors
/// `password_too_short`, `password_too_long` at `/password`.
pub fn check(password: &str) -> Result<(), Problems> {
    if password.chars().count() < MIN_LENGTH {
        return Err(Problem::at_field("password_too_short", "password").with("limit", MIN_LENGTH).into());
    }
    if password.len() > MAX_LENGTH {
        return Err(Problem::at_field("password_too_long", "password").with("limit", MAX_LENGTH).into());
    }
    Ok(())
}
