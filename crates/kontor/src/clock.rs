//! Which clock the workspaces go by.

use std::sync::Arc;

use kontor_core::clock::{Clock, ShiftedClock, SystemClock};

/// The machine's clock. In debug builds `KONTOR_CLOCK_OFFSET` makes it that many seconds later, so that a test sees
/// what happens in days.
pub fn clock() -> Arc<dyn Clock> {
    if cfg!(debug_assertions) {
        let offset = std::env::var("KONTOR_CLOCK_OFFSET").ok().and_then(|text| text.parse::<i64>().ok());
        if let Some(seconds) = offset {
            return Arc::new(ShiftedClock { by: chrono::Duration::seconds(seconds) });
        }
    }
    Arc::new(SystemClock)
}
