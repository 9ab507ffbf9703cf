//! Places inside a publish where a test ends the process as a power cut would: `KONTOR_FAULT=<point>`. Debug builds
//! only.

/// Ends the process when this is the point that was asked for.
pub(crate) fn point(name: &str) {
    if cfg!(debug_assertions) && std::env::var("KONTOR_FAULT").is_ok_and(|wanted| wanted == name) {
        std::process::abort();
    }
}
