//! What others work out from a model once: kept beside it, and gone with it, so that nothing ever has to be
//! invalidated. Knows nothing of what is kept.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

/// One value per type, made when it is first asked for.
#[derive(Default)]
pub struct Kept {
    values: RwLock<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl Kept {
    /// The value of that type; `make` is called when there is none yet. Two who ask at the same time may both make
    /// one; both get the same.
    pub fn get_or<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        let known =
            self.values.read().unwrap_or_else(PoisonError::into_inner).get(&TypeId::of::<T>()).cloned();
        if let Some(known) = known.and_then(|known| known.downcast::<T>().ok()) {
            return known;
        }
        let made = Arc::new(make());
        let mut values = self.values.write().unwrap_or_else(PoisonError::into_inner);
        let kept = values.entry(TypeId::of::<T>()).or_insert_with(|| Arc::clone(&made) as _);
        Arc::clone(kept).downcast::<T>().unwrap_or(made)
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Kept").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_made_once_per_type() {
        let kept = Kept::default();
        assert_eq!(*kept.get_or(|| 1_u8), 1);
        assert_eq!(*kept.get_or(|| 2_u8), 1);
        assert_eq!(*kept.get_or(|| 3_u16), 3);
    }
}
